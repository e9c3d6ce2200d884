/**
 * The parts of API Gateway's WebSocket events that Causeway reads (AWS "Set up a WebSocket API integration request",
 * "Use Lambda authorizers with WebSocket APIs"). Header names keep the case the client sent.
 */
export interface WebSocketEvent {
  readonly requestContext: {
    /** Which route the gateway chose. */
    readonly routeKey: string;
    readonly connectionId: string;
    /** Unique per frame. */
    readonly requestId: string;
    /** When the gateway received it, epoch milliseconds. */
    readonly requestTimeEpoch: number;
    readonly connectedAt: number;
    readonly identity?: { readonly sourceIp?: string };
    /** What the authorizer said at $connect; API Gateway repeats it in every event of the connection. */
    readonly authorizer?: AuthorizerContext;
  };
  readonly headers?: Headers;
}

export interface MessageEvent extends WebSocketEvent {
  readonly body?: string;
}

export interface AuthorizerEvent {
  /** arn:aws:execute-api:{region}:{account}:{api}/{stage}/$connect */
  readonly methodArn: string;
  readonly headers?: Headers;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>>;
  readonly requestContext: { readonly connectionId: string; readonly requestId: string };
}

export type Headers = Readonly<Record<string, string | undefined>>;
/** Values are strings; `principalId` and `integrationLatency` are API Gateway's own. */
export type AuthorizerContext = Readonly<Record<string, unknown>>;

/** An answer of a proxy integration. On message routes `body` becomes one text frame; without it nothing is sent. */
export interface ProxyResponse {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}
