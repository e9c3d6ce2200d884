import { randomBytes } from 'node:crypto';
import type { Table } from '../../lambdas/adapters/dynamodb/table.ts';
import type {
  EngineId,
  EngineSession,
  SocketEntry,
  SocketIoStores,
  StoredHandshake,
  StoredSocket,
} from '../../lambdas/ports/socketio.ts';
import { HOUR, NOW, someConnectionId } from './data.ts';

export const LATER = NOW + HOUR;
export const SECOND = 1_000;

/** Stores whose clock the test may move; `at` is what it says now. */
export interface SocketIoSubject {
  readonly stores: SocketIoStores;
  readonly clock: { at: number };
}

/** On DynamoDB there is a table to look into, and `another` is a second function instance on it. */
export interface SocketIoTable extends SocketIoSubject {
  readonly table: Table;
  another(): SocketIoStores;
}

const id = (): string => randomBytes(15).toString('base64url');

export const someSid = (ring = 'a'): EngineId =>
  (ring + randomBytes(18).toString('base64url').slice(1)) as EngineId;
export const someSocketId = (): string => id();
export const someNamespace = (): string => `/${id()}`;

/** What Chrome sends through CloudFront and API Gateway. */
export function someHandshake(over: Partial<StoredHandshake> = {}): StoredHandshake {
  return {
    headers: {
      host: 'a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com',
      'user-agent':
        'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36',
      accept: '*/*',
      'accept-encoding': 'gzip, deflate, br, zstd',
      'accept-language': 'de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7',
      origin: 'https://app.example.org',
      referer: 'https://app.example.org/rooms/general',
      'sec-ch-ua': '"Not)A;Brand";v="8", "Chromium";v="138", "Google Chrome";v="138"',
      'sec-ch-ua-mobile': '?0',
      'sec-ch-ua-platform': '"Windows"',
      'sec-fetch-dest': 'empty',
      'sec-fetch-mode': 'cors',
      'sec-fetch-site': 'same-origin',
      via: '2.0 3a1b0f0c6f2d4e5f8a7b6c5d4e3f2a1b.cloudfront.net (CloudFront)',
      'x-amz-cf-id': 'Vn0q3m6w9z1x4c7v0b3n6m9a2s5d8f1g4h7j0k3l6q9w2e5r8t1y4==',
      'x-amzn-trace-id': 'Root=1-68a5c2f1-3f7a9b2c4d6e8f0a1b3c5d7e',
      'x-forwarded-for': '203.0.113.77, 130.176.1.2',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
    },
    query: { EIO: '4', transport: 'polling', t: 'pq1w2e3r' },
    url: '/socket.io/?EIO=4&transport=polling&t=pq1w2e3r',
    address: '203.0.113.77',
    secure: true,
    issued: NOW,
    ...over,
  };
}

export function somePolling(over: Partial<EngineSession> = {}): EngineSession {
  return {
    sid: someSid(),
    transport: 'polling',
    handshake: someHandshake(),
    openedAt: NOW,
    seenAt: NOW,
    base64: false,
    sockets: {},
    outbox: [],
    partial: [],
    ...over,
  };
}

export function someWebSocket(over: Partial<EngineSession> = {}): EngineSession {
  return somePolling({ transport: 'websocket', connectionId: someConnectionId(), ...over });
}

/** A token as an issuer makes it: 400 characters, most of them random to a compressor. */
export const someAuth = (): string =>
  JSON.stringify({ token: `eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.${randomBytes(270).toString('base64url')}` });

export function someSocket(over: Partial<StoredSocket> = {}): StoredSocket {
  const own = someSocketId();
  return {
    id: own,
    pid: `${someSid()}~${randomBytes(18).toString('base64url')}`,
    auth: '{}',
    data: '{}',
    rooms: [],
    ...over,
  };
}

export function someEntry(over: Partial<SocketEntry> = {}): SocketEntry {
  return { socketId: someSocketId(), sid: someSid(), connectionId: someConnectionId(), ...over };
}
