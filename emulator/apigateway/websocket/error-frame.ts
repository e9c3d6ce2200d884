/** The texts API Gateway uses; the last one is its default gateway response, not seen in a capture. */
export type FrameError =
  | 'Forbidden'
  | 'Internal server error'
  | 'Endpoint request timed out'
  | 'Too Many Requests';

/** The text frame of a failure. Byte for byte as captured: a space after `"message":` and after commas only. */
export function errorFrame(message: FrameError, ids: { connectionId: string; requestId: string }): string {
  return `{"message": "${message}", "connectionId":"${ids.connectionId}", "requestId":"${ids.requestId}"}`;
}
