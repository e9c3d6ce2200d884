import { SOCKETIO_SESSION } from '../../lambdas/manifest/limits.ts';
import { DEVIATIONS as IN_SERVER_CODE, EITHER_REASON } from '../differential/deviations.ts';
import { DEVIATIONS as ON_THE_WIRE } from './deviations.ts';

export interface Feature {
  readonly feature: string;
  /** What a stock `socket.io` 4.8 server does. */
  readonly stock: string;
  readonly here: string;
  /** Empty where there is no difference. */
  readonly why: string;
}

export interface Section {
  readonly title: string;
  readonly features: readonly Feature[];
}

const same = (feature: string, what = 'yes'): Feature => ({
  feature,
  stock: what,
  here: 'the same',
  why: '',
});

const wire = (feature: string, stock: string, id: keyof typeof ON_THE_WIRE): Feature => ({
  feature,
  stock,
  here: ON_THE_WIRE[id].what,
  why: ON_THE_WIRE[id].reason,
});

const inCode = (feature: string, stock: string, id: keyof typeof IN_SERVER_CODE): Feature => ({
  feature,
  stock,
  here: IN_SERVER_CODE[id].what,
  why: IN_SERVER_CODE[id].reason,
});

const CLIENTS: Section = {
  title: 'Clients',
  features: [
    same('`socket.io-client` 3.1 to 4.8, default options', 'polling, then an upgrade to WebSocket'),
    same('`transports: ["websocket"]`, `transports: ["polling"]`'),
    same('`auth`, `query`, `extraHeaders`, `path` `/socket.io`, reconnection, `retries`, `ackTimeout`'),
    {
      feature: 'Python and Swift clients',
      stock: 'yes',
      here: 'yes; binary to the server over polling only',
      why: 'they have no `forceBase64`',
    },
    {
      feature: 'Java client',
      stock: 'yes',
      here: 'yes; binary in either direction over polling only',
      why: 'it does not read base64 text frames either',
    },
    {
      feature: '`socket.io-client` 2.x (Engine.IO 3)',
      stock: 'with `allowEIO3`',
      here: 'refused with code 5, as a stock server without that option does',
      why: 'not built yet',
    },
    {
      feature: 'WebTransport',
      stock: 'optional',
      here: 'not offered',
      why: 'CloudFront and API Gateway have no HTTP/3 datagrams for functions',
    },
    {
      feature: 'custom parser, such as msgpack',
      stock: 'yes',
      here: 'no',
      why: 'it sends binary frames only',
    },
  ],
};

const TRANSPORTS: Section = {
  title: 'Transports',
  features: [
    same('handshake, polling payloads, error codes and bodies, CORS, close', 'Engine.IO protocol 4'),
    same('upgrade: probe, noop for the waiting poll, nothing lost or doubled'),
    same('heartbeat: ping, pong, ping timeout; default 480 s and 60 s here', 'default 25 s and 20 s'),
    wire('binary from a client over WebSocket', 'binary frames', 'binary-frames'),
    wire('binary to a client over WebSocket', 'binary frames, text with `b64=1`', 'attachments-as-text'),
    wire('largest WebSocket frame from a client', '`maxHttpBufferSize`, 1 MB', 'frame-size'),
    wire('largest packet to a client', 'no limit', 'packet-size'),
    wire('order of frames in flight together', 'as sent', 'order-in-flight'),
    wire(
      'a refused WebSocket handshake',
      'HTTP 400 with the message, or opened and closed',
      'upgrade-refusals',
    ),
    {
      feature: 'life of a WebSocket',
      stock: 'no limit',
      here: 'closed at a heartbeat some minutes before the 2 hours API Gateway gives it; the client comes back by itself and recovers, nothing is lost',
      why: 'API Gateway connection limit',
    },
    wire('a poll that its client gave up', 'ends the session at once', 'aborted-poll'),
    wire('order of attachments from a client over WebSocket', 'as sent', 'attachment-order'),
    wire('a POST beside another one of its session', 'is refused and ends the session', 'overlapping-posts'),
    {
      feature: 'a frame that API Gateway hands over twice',
      stock: 'does not happen',
      here: 'its handlers run twice; a repeated CONNECT gets the same socket as the first, though `connection` may be heard twice, the second time with a `disconnect`',
      why: 'at least once: remembering every frame would cost a write for each',
    },
    wire('an attachment without its packet', 'ends the session', 'early-attachment'),
    {
      feature: 'a poll with nothing to bring',
      stock: 'waits for the next ping',
      here: 'is answered with a noop after 20 s',
      why: 'API Gateway ends a request after 30 s',
    },
    {
      feature: '`perMessageDeflate`, HTTP compression, the `compress` flag',
      stock: 'optional',
      here: 'accepted, no effect',
      why: 'API Gateway does not negotiate permessage-deflate',
    },
    {
      feature: '`cookie` option',
      stock: 'optional',
      here: 'no cookie',
      why: 'nothing routes by it: sessions live in DynamoDB',
    },
  ],
};

const SERVER: Section = {
  title: 'Server code (`app` in the configuration)',
  features: [
    same('namespaces, dynamic namespaces by pattern and by function'),
    same('`io.use`, `nsp.use` with `err.data`; `socket.use` and its `error` event'),
    same('`to`, `in`, `except`, `broadcast`, rooms, ids as rooms, one copy for a socket in several rooms'),
    same('acks, `emitWithAck`, `timeout`, acks of a broadcast', 'yes, as long as the process lives'),
    same(
      '`fetchSockets`, `allSockets`, `socketsJoin`, `socketsLeave`, `disconnectSockets`',
      'all sockets of the cluster',
    ),
    same('`onAny`, `prependAny`, `onAnyOutgoing`, `volatile`'),
    same('`disconnecting` and `disconnect` with their reasons'),
    same('`handshake`: auth, headers, query, address, time, of the first request of the session'),
    {
      feature: '`handshake.secure`',
      stock: 'whether the server itself speaks TLS',
      here: 'always true',
      why: 'CloudFront and API Gateway take no plain connections',
    },
    {
      feature: 'the `connection` listener',
      stock: 'runs once for a connection',
      here: 'runs again in every invocation; what it emits and joins counts the first time only',
      why: 'it attaches the handlers, and an invocation starts without them',
    },
    {
      feature: 'variables of the module or of the `connection` listener',
      stock: 'last as long as the process or connection',
      here: 'are seen by events that the same instance happens to handle; use `socket.data`, rooms or a database',
      why: 'an event may be handled by any Lambda instance',
    },
    inCode('`socket.once` of the server', 'handles the first event', 'once'),
    inCode('`socket.off` of the server', 'lasts', 'off'),
    inCode('`emitWithAck` to the client whose event is being handled', 'resolves', 'asking the caller'),
    {
      feature: 'the reason of a client that calls `disconnect()`',
      stock: '`client namespace disconnect`',
      here: EITHER_REASON.what,
      why: EITHER_REASON.reason,
    },
    {
      feature: '`socket.data`',
      stock: 'any value, by reference',
      here: 'what JSON can say; saved when the handler has ended',
      why: 'it is kept in DynamoDB',
    },
    {
      feature: 'size of a session',
      stock: 'memory',
      here: `${SOCKETIO_SESSION.namespaces} namespaces, ${SOCKETIO_SESSION.roomsPerSocket} rooms a socket, ${SOCKETIO_SESSION.dataBytes / 1024} KB of \`data\` and ${SOCKETIO_SESSION.authBytes / 1024} KB of \`auth\` a socket, names of ${SOCKETIO_SESSION.nameBytes} bytes, ${SOCKETIO_SESSION.socketsBytes / 1024} KB of all these together; ${SOCKETIO_SESSION.partialBytes / 1024} KB of attachments under way over WebSocket, ${SOCKETIO_SESSION.outboxBytes / 1024} KB waiting for a poll; who has more is disconnected`,
      why: 'a session is one row of DynamoDB, 400 KB at most, and each KB of it is paid for at every write',
    },
    {
      feature: 'an error in a handler',
      stock: 'ends the process (uncaught exception or unhandled rejection)',
      here: 'is logged; the caller gets the event `error` with `{ message: "Internal error" }`, and `{ error: "Internal error" }` as its ack; the connection stays',
      why: 'one client must not take others with it',
    },
    {
      feature: 'promises of handlers',
      stock: 'nobody waits for them',
      here: 'are awaited before the invocation ends; what is not awaited freezes with the instance',
      why: 'Lambda stops the clock between events',
    },
    {
      feature: '`emitWithAck` without a timeout',
      stock: 'waits as long as the client is connected',
      here: 'waits for 25 s at most',
      why: 'API Gateway ends an integration after 29 s',
    },
    {
      feature: 'timers outside events, such as `setInterval` at the start',
      stock: 'run',
      here: 'do not run between events; use a schedule',
      why: 'no process lives between events',
    },
    {
      feature: '`serverSideEmit`',
      stock: 'reaches the other servers of a cluster',
      here: 'reaches nobody, acks with an empty list',
      why: 'there are no servers that listen',
    },
    {
      feature: '`io.engine`: `use`, `generateId`, `clientsCount`, `allowRequest`, raw sockets',
      stock: 'yes',
      here: 'no; refuse in a middleware',
      why: 'the engine is API Gateway',
    },
  ],
};

const RECOVERY: Section = {
  title: 'Connection state recovery',
  features: [
    {
      feature: 'default',
      stock: 'off; `connectionStateRecovery` turns it on',
      here: 'on for 2 minutes; `recovery: false` turns it off',
      why: 'connections are cut every 2 hours at the latest',
    },
    same('same id, rooms and `data`, missed events in order, `socket.recovered`'),
    {
      feature: 'missed events and CONNECT',
      stock: 'missed events first; the client hears them before `connect`',
      here: 'CONNECT first, about a quarter of a second after the client asked',
      why: 'a client that is cut in between gets nothing twice; and what is just being told has been stored by then',
    },
    {
      feature: 'a break of the network while several events were being told',
      stock: 'recovers',
      here: 'recovers unless two events within 250 ms of each other were the last before the break and no pong came since: then a new session, `recovered` false',
      why: 'events are posted by invocations of their own, and the client names only the last one it got; docs/decisions/0013',
    },
    {
      feature: 'which server',
      stock: 'the one that held the connection, or a cluster adapter that keeps packets',
      here: 'any',
      why: 'sessions and packets are in DynamoDB',
    },
  ],
};

export const COMPATIBILITY: readonly Section[] = [CLIENTS, TRANSPORTS, SERVER, RECOVERY];

/** docs/compatibility.md. */
export function compatibilityDocument(): string {
  return `# Compatibility with a stock \`socket.io\` server

Written by \`node --import tsx test/conformance/write-compatibility.ts\` from test/conformance/compatibility.ts; don't edit it here.
"Stock" is \`socket.io\` 4.8 with default options, "here" a Causeway deployment. The suites behind it: test/conformance (a stock server and a
deployment answer the same requests and frames; unmodified clients 3.1, 4.0 and 4.8 in every mode) and test/differential (the same server
code and client scripts on both, transcripts compared). Every difference they find is listed as data there, with its reason, and shown below.

${COMPATIBILITY.map(sectionText).join('\n\n')}
`;
}

function sectionText({ title, features }: Section): string {
  const rows = features.map(
    ({ feature, stock, here, why }) => `| ${[feature, stock, here, why].map(cell).join(' | ')} |`,
  );
  return [`## ${title}`, '', '| feature | stock server | here | why |', '|---|---|---|---|', ...rows].join(
    '\n',
  );
}

function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`);
}
