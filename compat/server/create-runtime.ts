import { randomBytes } from 'node:crypto';

import { createTurns } from '../../lambdas/domain/turns.ts';
import type { EngineSession, Namespace } from '../../lambdas/ports/socketio.ts';
import { FanOut } from '../adapter/fan-out.ts';
import type { Outlet, RunResult, Runtime } from '../types.ts';
import { Acks } from './acks.ts';
import type { Effects } from './effects.ts';
import { EngineStub } from './engine-stub.ts';
import { feed } from './feed.ts';
import { setRecoveryOptions } from './internals.ts';
import { attachApplication, serverOf } from './load-application.ts';
import { Pending } from './pending.ts';
import { perform } from './perform.ts';
import { currentScope, within } from './scope.ts';
import { removeUnrestored } from './unrestored.ts';
import { DEFAULT_LIMITS, enterWorld, type RuntimeLimits, type ServerDeps, type World } from './world.ts';

/** The application on the real Server. `limits` are for tests; the defaults fit API Gateway. */
export function createRuntime(deps: ServerDeps, limits: Partial<RuntimeLimits> = {}): Runtime {
  const loading = load(deps, { ...DEFAULT_LIMITS, ...limits });
  // Reported by every run that needs it.
  loading.catch(() => {});
  return {
    async run(session, messages, outlet): Promise<RunResult> {
      const world = await loading.catch((error: unknown) => reportBroken(deps, error));
      if (world === undefined) return { changes: {}, close: { reason: 'forced close' } };
      return perform(world, { session, outlet, work: (invocation) => feed(invocation, messages) });
    },
    async end(session, reason) {
      const world = await loading.catch((error: unknown) => reportBroken(deps, error));
      if (world !== undefined) await end(world, { session, reason, indexed: 'elsewhere' });
    },
  };
}

async function load(deps: ServerDeps, limits: RuntimeLimits): Promise<World> {
  const { server, notes } = serverOf(deps.application);
  for (const note of notes) deps.log.warn(note);
  const { heartbeat, limits: bounds } = deps.options;
  const { pingIntervalMs: pingInterval, pingTimeoutMs: pingTimeout } = heartbeat;
  const opts = { pingInterval, pingTimeout, maxHttpBufferSize: bounds.maxPayloadBytes };
  const world: World = {
    ...deps,
    limits,
    server,
    engine: new EngineStub(opts, deps.log),
    background: backgroundEffects(deps),
    turns: createTurns(randomBytes(6).toString('base64url')),
    end: (session, reason) => end(world, { session, reason, indexed: 'here' }),
    leave: (session, nsp) => leave(world, session, nsp),
  };
  enterWorld(world);
  setRecoveryOptions(server, () => currentScope()?.phase === 'replay');
  server.connectTimeout(bounds.connectTimeoutMs);
  server.bind(world.engine);
  deps.chat?.attach(server);
  await attachApplication(deps.application, server);
  return world;
}

function reportBroken({ log }: ServerDeps, error: unknown): undefined {
  log.error('The application could not be loaded; its clients are sent away', { error });
}

/** Nobody is left to be written to. */
const NOWHERE: Outlet = { write: () => {}, flush: () => Promise.resolve() };

interface Ending {
  readonly session: EngineSession;
  readonly reason: string;
  /** Who removes the index entries: this run, or the engine, which does it for every session it closes. */
  readonly indexed: 'here' | 'elsewhere';
}

async function end(world: World, { session, reason, indexed }: Ending): Promise<void> {
  if (Object.keys(session.sockets).length === 0) return;
  await perform(world, {
    session,
    outlet: NOWHERE,
    work: (invocation) => {
      if (indexed === 'here') removeUnrestored(invocation);
      else invocation.keepsIndex = true;
      within(invocation.scope('frame'), () => invocation.conn.end(reason));
    },
  });
}

/** The row has forgotten the socket already. */
async function leave(world: World, session: EngineSession, nsp: Namespace): Promise<void> {
  await perform(world, {
    session,
    outlet: NOWHERE,
    work: (invocation) => {
      within(invocation.scope('frame'), () => invocation.live.get(nsp)?.socket.disconnect());
    },
  });
}

/** For what the application emits outside any invocation, such as from a timer: the next run waits for it. */
function backgroundEffects(deps: ServerDeps): Effects {
  const work = new Pending();
  const { log, stores } = deps;
  const acks = new Acks({ store: stores.acks, work, log, flush: () => Promise.resolve() });
  return { work, fanOut: new FanOut(deps, work), acks };
}
