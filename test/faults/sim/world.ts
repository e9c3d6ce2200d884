/** A deployment in virtual time: functions, gateway, queue, schedule, and the tables behind them. */
import { createMemoryStores, type MemoryStores } from '../../../lambdas/adapters/memory/memory-stores.ts';
import { createMemorySocketIoStores } from '../../../lambdas/adapters/memory/socketio/create-memory-socketio-stores.ts';
import type { AuthorizerResult } from '../../../lambdas/handlers/socketio/authorize.ts';
import type { HttpEvent } from '../../../lambdas/handlers/socketio/events.ts';
import { DEFAULT_NAMESPACES } from '../../../lambdas/manifest/dialects.ts';
import { ENV } from '../../../lambdas/manifest/environment.ts';
import { FUNCTIONS, NOTIFICATION_EVENT, ROUTE, type FunctionName } from '../../../lambdas/manifest/routes.ts';
import type { SocketIoStores } from '../../../lambdas/ports/socketio.ts';
import { createRecordingLog } from '../../support/fakes/fake-runtime.ts';
import { routeOf } from '../../handlers/events.ts';
import { adaptersFor, type Cloud } from './adapters.ts';
import { createGateway, type Frame, type Gateway, type Integrations } from './gateway.ts';
import { loadHandlers } from './handlers.ts';
import { createPool, FunctionFailed, type Pool } from './lambda.ts';
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { Weather } from './weather.ts';

/** So short that each sweep looks at everybody. */
export const PING_INTERVAL_MS = 60_000;
export const PING_TIMEOUT_MS = 20_000;
export const SWEEP_MS = 60_000;
/** A token lasts longer than any run. */
const TOKEN_MS = 48 * 3_600_000;
const METHOD_ARN = 'arn:aws:execute-api:eu-central-1:123456789012:abcd123/native/$connect';

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly body?: string;
  /** Of the client. */
  readonly name: string;
}
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

export type Count = Record<string, number>;

export interface World {
  readonly stores: MemoryStores;
  readonly socketIo: SocketIoStores;
  readonly gateway: Gateway;
  readonly counts: Count;
  /** `client message` of posts that did not get through at once. */
  readonly refused: ReadonlySet<string>;
  readonly log: ReturnType<typeof createRecordingLog>;
  /** Socket.IO's long polling. */
  http(request: HttpRequest): Promise<HttpAnswer>;
  /** An event of EventBridge. */
  notify(userId: string, payload: object): void;
  redeploy(): void;
  crashNext(name: FunctionName, kind: 'crash' | 'timeout'): void;
  /** From now on nothing goes wrong. */
  calm(): void;
}

export interface WorldOptions {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly weather: Weather;
  readonly skewMs: number;
  readonly recoveryMs: number;
  readonly trace?: (line: string) => void;
}

/** Those that a crash is sent to. */
export const FUNCTION_NAMES = Object.keys(FUNCTIONS) as readonly FunctionName[];

export async function createWorld(options: WorldOptions): Promise<World> {
  const { time, random, weather, trace = () => {} } = options;
  const counts: Count = {};
  const count = (what: string) => void (counts[what] = (counts[what] ?? 0) + 1);
  const log = createRecordingLog();
  const refused = new Set<string>();
  const clock = { now: () => time.now() };
  const stores = createMemoryStores(clock);
  const socketIo = createMemorySocketIoStores(clock);
  const network = random.branch('network');
  const pooled = createPools({ options, cloud: () => cloud, count, handlers: await loadHandlers() });
  const queue = createQueue(options, (event) => pooled.later.invoke(event));
  const gateway = createGateway({
    time,
    random: network,
    weather,
    integrations: integrationsOf(pooled, time),
    trace,
    count,
    refused: (connectionId, frame) => noteRefused(refused, connectionId, frame),
  });
  const cloud: Cloud = {
    stores,
    socketIo,
    gateway: {
      post: ({ connectionId }, frame) => gateway.post('native', connectionId, frame),
      close: ({ connectionId }) => gateway.remove('native', connectionId),
      look: async ({ connectionId }) => gateway.describe('native', connectionId) ?? 'gone',
    },
    connections: {
      post: (connectionId, frame) => gateway.post('socketio', connectionId, frame),
      close: (connectionId) => gateway.remove('socketio', connectionId),
    },
    later: { schedule: async (task, seconds) => queue(JSON.stringify(task), seconds * 1000) },
    lambda: {
      invoke: async (name, event) => invokeLater(options, pooled, { name: name as FunctionName, event }),
    },
    log,
    tokenMs: TOKEN_MS,
    now: () => time.now(),
  };
  startSweeps(options, () => pooled.sweep.invoke(undefined));
  let events = 0;
  return {
    stores,
    socketIo,
    gateway,
    counts,
    refused,
    log,
    http: (request) => serveHttp(pooled.polling, { time, random: network, weather, trace }, request),
    notify(userId, payload) {
      const detail = { userId, payload };
      const event = {
        version: '0',
        id: `event-${(events += 1)}`,
        'detail-type': NOTIFICATION_EVENT.detailType,
        source: NOTIFICATION_EVENT.source,
        time: new Date(time.now()).toISOString(),
        detail,
      };
      invokeLater(options, pooled, { name: 'notify', event });
    },
    redeploy() {
      for (const pool of Object.values(pooled)) pool.redeploy();
    },
    crashNext: (name, kind) => pooled[name].crashNext(kind),
    calm: () =>
      void Object.assign(weather, Object.fromEntries(Object.keys(weather).map((name) => [name, 0]))),
  };
}

type Pools = Readonly<Record<FunctionName, Pool<unknown, unknown>>>;

function createPools({
  options,
  cloud,
  count,
  handlers,
}: {
  readonly options: WorldOptions;
  readonly cloud: () => Cloud;
  readonly count: (what: string) => void;
  readonly handlers: Awaited<ReturnType<typeof loadHandlers>>;
}): Pools {
  const { time, random, weather, skewMs } = options;
  const env = environmentOf(options);
  const pools = FUNCTION_NAMES.map((name) => {
    const timeoutMs = TIMEOUT_MS[name] ?? 28_000;
    const pool = createPool({ time, random, weather, skewMs, count, timeoutMs }, name, (instance) => {
      const trouble = { instance, time, weather, random: random.branch(instance.name) };
      const handler = handlers[name]({ adapters: adaptersFor(cloud(), trouble), env });
      return (event) => {
        const endsAt = time.now() + timeoutMs;
        return handler(event, { functionName: name, getRemainingTimeInMillis: () => endsAt - time.now() });
      };
    });
    return [name, pool] as const;
  });
  return Object.fromEntries(pools) as Pools;
}

/** Those of lib/function-access.ts that are not 28 s. */
const TIMEOUT_MS: Partial<Record<FunctionName, number>> = {
  sweep: 55_000,
  'native-authorizer': 10_000,
  'native-connect': 10_000,
  'socketio-open': 15_000,
};

/** As lib sets it; what is not named is empty, which means the default. */
export function environmentOf({
  recoveryMs,
}: Pick<WorldOptions, 'recoveryMs'>): Readonly<Record<string, string>> {
  const named: Partial<Record<string, string>> = {
    [ENV.table]: 'table',
    [ENV.nativeCallbackUrl]: 'https://native.example/native',
    [ENV.socketIoCallbackUrl]: 'https://socketio.example/socketio',
    [ENV.socketIoOptions]: JSON.stringify({
      heartbeat: { pingIntervalMs: PING_INTERVAL_MS, pingTimeoutMs: PING_TIMEOUT_MS },
      limits: { connectTimeoutMs: 45_000, maxPayloadBytes: 1e6 },
      cors: { origins: [], credentials: false },
      recovery: { windowMs: recoveryMs },
    }),
    [ENV.chat]: JSON.stringify({ namespaces: DEFAULT_NAMESPACES }),
    [ENV.jwtSecretArn]: 'arn:secret',
    [ENV.openFunction]: 'socketio-open',
    [ENV.fanOutFunction]: 'fan-out',
    [ENV.edgeKey]: '51af3dc0-da77-11e4-872e-1234567db123',
    [ENV.laterQueue]: 'https://queue.example/later',
    [ENV.presence]: JSON.stringify({ roomLimit: 200 }),
  };
  return new Proxy({}, { get: (_target, name) => named[String(name)] ?? '' });
}

function contextOf(
  { connectionId, requestId, at, connectedAt, context }: Omit<Frame, 'body'>,
  routeKey: string,
) {
  return { routeKey, connectionId, requestId, requestTimeEpoch: at, connectedAt, authorizer: context };
}

function integrationsOf(pools: Pools, time: VirtualTime): Integrations {
  return {
    async admit(api, { query, headers, ...frame }) {
      const request = { headers, queryStringParameters: query };
      const requestContext = contextOf({ ...frame, context: {} }, '$connect');
      const upgrade = { ...request, methodArn: METHOD_ARN, requestContext };
      if (api === 'socketio') {
        const answer = (await pools.socketio.invoke(upgrade)) as AuthorizerResult;
        if (!('policyDocument' in answer)) throw new Error('500');
        if (answer.policyDocument.Statement[0].Effect === 'Deny') throw new Error('403');
        return answer.context ?? {};
      }
      const { context = {} } = (await pools['native-authorizer'].invoke(upgrade)) as AuthorizerResult;
      const attested = { ...request, requestContext: { ...requestContext, authorizer: context } };
      const answer = (await pools['native-connect'].invoke(attested)) as Answer;
      if (answer.statusCode !== 200) throw new Error(String(answer.statusCode));
      return context;
    },
    async frame(api, frame) {
      const routeKey = api === 'native' ? routeOf(frame.body) : ROUTE.default;
      const event = { requestContext: contextOf(frame, routeKey), body: frame.body };
      return ((await pools[api === 'native' ? 'native-message' : 'socketio'].invoke(event)) as Answer).body;
    },
    async disconnect(api, frame) {
      const event = { requestContext: contextOf({ ...frame, at: time.now() }, ROUTE.disconnect) };
      await pools[api === 'native' ? 'native-disconnect' : 'socketio'].invoke(event);
    },
  };
}

interface Answer {
  readonly statusCode: number;
  readonly body?: string;
}

interface Air {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly weather: Weather;
}

const RETRY_AFTER_MS = [60_000, 120_000];

function noteRefused(refused: Set<string>, connectionId: string, frame: string): void {
  const client = connectionId.replace(/^[ns]\d+-(.*)=$/, '$1');
  for (const [id] of frame.matchAll(/01[0-9A-Z]{24}/g)) refused.add(`${client} ${id}`);
}

/** Not invoked again when they fail (lib/function-access.ts, `once`). */
const ONCE: ReadonlySet<FunctionName> = new Set(['socketio-open', 'sweep']);

/** An asynchronous invoke: late, twice, and twice more when it fails (AWS "How Lambda handles errors and retries"). */
function invokeLater(
  { time, random, weather }: Air,
  pools: Pools,
  { name, event }: { readonly name: FunctionName; readonly event: object | string },
): void {
  const payload = typeof event === 'string' ? event : JSON.stringify(event);
  const attempt = (n: number): void => {
    pools[name].invoke(JSON.parse(payload)).catch(() => {
      const wait = RETRY_AFTER_MS[n];
      if (wait !== undefined && !ONCE.has(name)) time.after(wait, () => attempt(n + 1));
    });
  };
  const late = () => (random.chance(weather.lateInvoke) ? random.between(20, 1_000) : random.between(1, 10));
  time.after(late(), () => attempt(0));
  if (random.chance(weather.duplicateInvoke)) time.after(late(), () => attempt(0));
}

/** AWS: six times the function's timeout is advised; what matters here is that it comes again. */
const VISIBILITY_MS = 30_000;
const MOST_RECEIVES = 5;

function createQueue({ time, random, weather }: Air, deliver: (event: object) => Promise<unknown>) {
  let messages = 0;
  return (body: string, delayMs: number): void => {
    const messageId = `queued-${(messages += 1)}`;
    const receive = async (n: number): Promise<void> => {
      const isDone = await deliver({ Records: [{ messageId, body }] }).then(
        (answer) =>
          (answer as { readonly batchItemFailures: readonly unknown[] }).batchItemFailures.length === 0,
        () => false,
      );
      if (!isDone && n < MOST_RECEIVES) time.after(VISIBILITY_MS, () => void receive(n + 1));
    };
    const late = random.chance(weather.lateInvoke) ? random.between(20, 1_000) : 5;
    time.after(delayMs + late, () => void receive(1));
    if (random.chance(weather.duplicateInvoke))
      time.after(delayMs + late + random.between(1, 500), () => void receive(1));
  };
}

/** EventBridge Scheduler: at least once, within the minute. */
function startSweeps({ time, random, weather }: Air, sweep: () => Promise<unknown>): void {
  const next = (): void => {
    const late = random.chance(weather.lateInvoke) ? random.between(10, 2_000) : 5;
    time.after(late, () => void sweep().catch(() => {}));
    if (random.chance(weather.duplicateInvoke)) time.after(late + 300, () => void sweep().catch(() => {}));
    time.after(SWEEP_MS, next);
  };
  time.after(SWEEP_MS, next);
}

async function serveHttp(
  pool: Pools['polling'],
  { time, random, trace }: Air & { readonly trace: (line: string) => void },
  { method, url, body, name }: HttpRequest,
): Promise<HttpAnswer> {
  await time.sleep(random.between(5, 60));
  trace(`http-${name} ${method} ${url.searchParams.get('sid') ?? ''} > ${body ?? ''}`);
  const event: HttpEvent = {
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers: { host: url.host, 'user-agent': name },
    requestContext: {
      requestId: `http-${String(random.between(0, 2 ** 40))}`,
      timeEpoch: time.now(),
      http: { method, sourceIp: '192.0.2.1' },
    },
    ...(body === undefined ? {} : { body }),
    isBase64Encoded: false,
  };
  const failed = (error: unknown): Answer => {
    if (!(error instanceof FunctionFailed)) throw error;
    return { statusCode: error.kind === 'crash' ? 500 : 503, body: '{"message":"Internal Server Error"}' };
  };
  const answer = (await pool.invoke(event).catch(failed)) as Answer;
  trace(
    `http-${name} ${method} ${url.searchParams.get('sid') ?? ''} < ${answer.statusCode} ${answer.body ?? ''}`,
  );
  await time.sleep(random.between(5, 60));
  return { status: answer.statusCode, body: answer.body ?? '' };
}
