import type { DialectName, Millis } from '../domain/entities.ts';
import type { ConnectionId } from '../domain/ids.ts';

/** Where a frame goes: the dialect decides which WebSocket API holds the connection. */
export interface Address {
  readonly connectionId: ConnectionId;
  readonly dialect: DialectName;
}

/**
 * `gone`: the connection does not exist any more (410): an expected outcome. `throttled`: still refused after the
 * adapter's own retries (429), the frame was not delivered.
 */
export type PostOutcome = 'sent' | 'gone' | 'too-large' | 'throttled';

/** The API Gateway management API (AWS "Use @connections commands in your backend service"). */
export interface Gateway {
  /**
   * Sends one text frame, at most 128 KB. `sent` means accepted by API Gateway, not received by the peer. Rejects when it was
   * not sent, with InDoubt (domain/in-doubt.ts) when that is not known.
   */
  post(to: Address, frame: string): Promise<PostOutcome>;
  /** Closes the connection; the client sees close code 1000. Idempotent. */
  close(address: Address): Promise<void>;
}

/** For those who look after connections. */
export interface InspectableGateway extends Gateway {
  /** Whether API Gateway still has the connection. It takes a peer that vanished without a word for alive until its idle timeout. */
  look(address: Address): Promise<{ readonly connectedAt: Millis; readonly lastActiveAt: Millis } | 'gone'>;
}

/** The connections of one WebSocket API, for those who need not say which: the same two calls. */
export interface Connections {
  post(connectionId: ConnectionId, frame: string): Promise<PostOutcome>;
  close(connectionId: ConnectionId): Promise<void>;
}
