/** See PROTOCOL.md, section 8. */
export interface NativeEvent {
  readonly event: string;
  readonly offset?: string;
  readonly [field: string]: unknown;
}

export interface ResumingClientOptions {
  /** Asked for at every connect: put a token into it that is still valid. */
  readonly url: () => string | Promise<string>;
  /** `['causeway', token]` instead of a token in the URL. */
  readonly protocols?: () => string[];
  readonly rooms: readonly string[];
  /** From where to resume after a restart of the application: what `offset` was. */
  readonly offset?: string;
  /** Default: the global one. */
  readonly WebSocket?: unknown;
  /** Before the second attempt to connect; twice as long each time, give or take a half. Default 500. */
  readonly backoffMs?: number;
}

export class ResumingClient {
  constructor(options: ResumingClientOptions);
  onEvent: (event: NativeEvent) => void;
  onGap: (rooms: readonly string[]) => void;
  onState: (connected: boolean) => void;
  readonly offset: string | undefined;
  send(roomId: string, fields: Readonly<Record<string, unknown>>): Promise<NativeEvent>;
  request(frame: Readonly<Record<string, unknown>>): Promise<NativeEvent>;
  join(roomId: string): Promise<NativeEvent>;
  leave(roomId: string): Promise<NativeEvent>;
  close(): void;
}
