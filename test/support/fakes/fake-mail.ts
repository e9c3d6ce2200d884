import { carryMailing } from '../../../lambdas/app/carry-mailing.ts';
import type { AgainDeps } from '../../../lambdas/app/tell-again.ts';
import { createMemoryStores } from '../../../lambdas/adapters/memory/memory-stores.ts';
import type { Millis } from '../../../lambdas/domain/entities.ts';
import type {
  Mailing,
  NativeAddress,
  Postman,
  Reach,
  Repeat,
  SocketAddress,
  SocketMail,
} from '../../../lambdas/ports/mail.ts';
import type { EngineId } from '../../../lambdas/ports/socketio.ts';
import { NO_AUDIENCE } from './fake-audience.ts';
import { createFakeDialects } from './fake-dialects.ts';
import { createFakeGateway, type FakeGateway } from './fake-gateway.ts';
import { createRecordingLog, type RecordingLog } from './fake-runtime.ts';
import { live, message, NOW } from './world.ts';

export const event = { kind: 'message.created', message: message() } as const;
export const UNTIL = 28_000;

export const native = (name: string): NativeAddress => live(name);
export const socket = (name: string): SocketAddress => ({
  place: { nsp: '/', room: '#room-1' },
  entry: { socketId: name, sid: `sid-${name}` as EngineId },
});
export const natives = (count: number) => Array.from({ length: count }, (_, n) => native(`n${n}`));
export const sockets = (count: number) => Array.from({ length: count }, (_, n) => socket(`s${n}`));

export const names = (list: readonly SocketAddress[]) => list.map(({ entry }) => entry.socketId);

export function mailing(over: Partial<Mailing> = {}): Mailing {
  return {
    id: 'mailing-1',
    at: NOW,
    content: { event },
    natives: [],
    sockets: [],
    doubtful: [],
    late: false,
    fleeting: false,
    ...over,
  };
}

export interface FakeSocketMail extends SocketMail {
  /** Sockets told, in order, repeats included. */
  readonly told: string[];
  readonly disowned: string[];
  readonly cuts: string[];
  /** How the next ones end; when the list is empty: `sent`. */
  readonly reach: Map<string, Reach[]>;
  readonly where: Map<string, Awaited<ReturnType<SocketMail['disown']>>>;
  readonly uncuttable: Set<string>;
}

export function createFakeSocketMail(): FakeSocketMail {
  const told: string[] = [];
  const disowned: string[] = [];
  const cuts: string[] = [];
  const reach = new Map<string, Reach[]>();
  const where: FakeSocketMail['where'] = new Map();
  const uncuttable = new Set<string>();
  return {
    told,
    disowned,
    cuts,
    reach,
    where,
    uncuttable,
    telling:
      () =>
      async ({ entry: { socketId } }) => {
        const outcome = reach.get(socketId)?.shift() ?? 'sent';
        if (outcome === 'sent') told.push(socketId);
        return outcome;
      },
    async disown({ entry: { socketId } }) {
      disowned.push(socketId);
      return where.get(socketId) ?? 'here';
    },
    async cut({ entry: { socketId } }) {
      if (uncuttable.has(socketId)) return 'unknown';
      cuts.push(socketId);
      return 'cut';
    },
  };
}

export interface MailWorld extends AgainDeps {
  readonly gateway: FakeGateway;
  readonly socketMail: FakeSocketMail;
  readonly log: RecordingLog;
  readonly clock: { at: Millis };
  readonly dispatched: Mailing[];
  readonly pauses: Millis[];
}

/** The function `fan-out` in memory. A pause takes as long as it says, and nothing else takes any time. */
export function createMailWorld(): MailWorld {
  const clock = { at: NOW };
  const dispatched: Mailing[] = [];
  const pauses: Millis[] = [];
  let runs = 0;
  return {
    ...createMemoryStores({ now: () => clock.at }),
    gateway: createFakeGateway(),
    socketMail: createFakeSocketMail(),
    audience: NO_AUDIENCE,
    dialects: createFakeDialects(),
    log: createRecordingLog(),
    clock,
    dispatched,
    pauses,
    dispatch: async (bag) => void dispatched.push(bag),
    name: () => `run-${(runs += 1)}`,
    now: () => clock.at,
    async pause(ms) {
      pauses.push(ms);
      clock.at += ms;
    },
  };
}

/** As one invocation does, from now on. */
export function carry(world: MailWorld, of: Mailing): Promise<void> {
  return carryMailing(world, of, world.clock.at + UNTIL);
}

export interface FakePostman extends Postman {
  readonly sent: Mailing[];
  readonly repeats: Repeat[];
  refuse: Error | undefined;
}

export function createFakePostman(direct: number): FakePostman {
  const sent: Mailing[] = [];
  const repeats: Repeat[] = [];
  const postman: FakePostman = {
    direct,
    sent,
    repeats,
    refuse: undefined,
    async send(mailing) {
      if (postman.refuse !== undefined) throw postman.refuse;
      sent.push(mailing);
    },
    async lookAgain(repeat) {
      if (postman.refuse !== undefined) throw postman.refuse;
      repeats.push(repeat);
    },
  };
  return postman;
}
