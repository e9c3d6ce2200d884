/**
 * Where a Causeway deployment answers otherwise than a stock `socket.io` server. The suite asserts both answers, the
 * stock one and the one written here; docs/compatibility.md shows them to users.
 */
export const DEVIATIONS = {
  'binary-frames': {
    what: 'a binary WebSocket frame from a client closes that connection with 1003; attachments come as text (`forceBase64`, or polling)',
    reason: 'API Gateway WebSocket APIs take text frames only',
  },
  'attachments-as-text': {
    what: 'attachments to a WebSocket client are text frames `b<base64>`, announced with `b64=1` or not',
    reason:
      'a route response and @connections can only send text; JavaScript, Python and Swift clients read it',
  },
  'frame-size': {
    what: 'a WebSocket frame above 32 KB closes that connection with 1009; POST takes `maxPayload`',
    reason: 'API Gateway WebSocket frame limit; not adjustable',
  },
  'packet-size': {
    what: 'a packet above 128 KB to a client is refused: an error to the code that sends it, on either transport',
    reason:
      'API Gateway message limit; a polling session may become a WebSocket before the packet is fetched',
  },
  'early-attachment': {
    what: 'an attachment over WebSocket that no packet has announced waits for its packet instead of ending the session',
    reason: 'frames in flight together may overtake one another, an attachment its packet, too',
  },
  'attachment-order': {
    what: 'attachments of one packet that reach API Gateway within the same millisecond may be handed over in either order, and those of several packets in flight together may be exchanged; polling is exact, and so is a single attachment at a time',
    reason:
      "each attachment is a frame, and an invocation, of its own that names neither its packet nor its place; nothing but API Gateway's instants, whole milliseconds, tells their order",
  },
  'aborted-poll': {
    what: 'a GET that its client gave up ends the session only with a GET beside it or the ping timeout',
    reason: 'API Gateway does not tell a function that its caller has gone',
  },
  'overlapping-posts': {
    what: 'POSTs of one session that overlap are all handled, perhaps at the same time and in either order; clients never send them',
    reason:
      'noticing would cost every POST two writes, and API Gateway hands a POST over only when it is complete',
  },
  'order-in-flight': {
    what: 'WebSocket frames that a client sends without waiting for an answer may be handled at the same time; each emit of one handler stays in its order, and polling keeps all in order',
    reason: 'API Gateway invokes a function per frame, at once',
  },
  'upgrade-refusals': {
    what: 'a refused WebSocket handshake is HTTP 403 without the Engine.IO message; a wrong EIO or a second WebSocket of a session are refused there too, instead of being opened and closed, and so is a plain request with `transport=websocket`',
    reason: 'an API Gateway authorizer can only allow or deny, and the body of a denial is its own',
  },
} as const satisfies Readonly<Record<string, { readonly what: string; readonly reason: string }>>;

export type DeviationId = keyof typeof DEVIATIONS;
