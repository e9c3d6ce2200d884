/** Events of the Socket.IO API: as the native ones, with one function for the authorizer and all routes. */
import type { AuthorizerEvent, MessageEvent } from '../native/events.ts';

export type SocketIoEvent = UpgradeEvent | MessageEvent;

/** Of the authorizer, which alone has an ARN. */
export interface UpgradeEvent extends AuthorizerEvent {
  readonly requestContext: AuthorizerEvent['requestContext'] & {
    readonly identity?: { readonly sourceIp?: string };
  };
}

export function isUpgrade(event: SocketIoEvent): event is UpgradeEvent {
  return 'methodArn' in event;
}

/** An HTTP API request, payload format 2.0 (AWS "Create AWS Lambda proxy integrations for HTTP APIs"). Header names in lower case. */
export interface HttpEvent {
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly cookies?: readonly string[];
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly requestContext: {
    readonly requestId: string;
    /** When API Gateway received it, epoch milliseconds. */
    readonly timeEpoch: number;
    readonly http: { readonly method: string; readonly sourceIp: string };
  };
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}
