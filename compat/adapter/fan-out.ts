import { mapBounded } from '../../lambdas/app/map-bounded.ts';
import type { Millis } from '../../lambdas/domain/entities.ts';
import { FAN_OUT } from '../../lambdas/manifest/limits.ts';
import type { SocketAddress } from '../../lambdas/ports/mail.ts';
import type { Log } from '../../lambdas/ports/runtime.ts';
import type { EnginePacket, SocketEntry } from '../../lambdas/ports/socketio.ts';
import type { Pending } from '../server/pending.ts';
import type { RuntimeDeps } from '../types.ts';
import { Parcels } from './parcels.ts';
import { Posts } from './posts.ts';
import { findTargets, placesOf, type Selection } from './targets.ts';

interface Sent {
  readonly entry: SocketEntry;
  readonly outcome: Awaited<ReturnType<Posts['send']>> | 'carried';
}

/**
 * Broadcasts and cluster operations of one invocation on sockets elsewhere. Nobody waits for them (socket.io ignores what
 * an adapter returns), so they are counted as the invocation's work; to each socket they happen in the order of the calls.
 */
export class FanOut {
  readonly posts: Posts;
  private readonly parcels: Parcels;
  private readonly deps: RuntimeDeps;
  private readonly work: Pending;
  private readonly log: Log;
  private readonly posting: () => void;
  private tail: Promise<void> = Promise.resolve();
  /** Operations that may still change who is in which room. */
  private operations = 0;

  /** `posting` is told when a broadcast starts to be posted. */
  constructor(deps: RuntimeDeps, work: Pending, posting: () => void = noop) {
    this.deps = deps;
    this.work = work;
    this.log = deps.log;
    this.posting = posting;
    this.posts = new Posts(deps.sessions, deps.log);
    this.parcels = new Parcels(deps.postman, deps.log);
  }

  /** Looks up who is meant at once, unless an operation before it changes that. Rejects when the store can't answer. */
  find(selection: Selection): Promise<readonly SocketEntry[]> {
    const look = () => findTargets({ sockets: this.deps.stores.sockets, clock: this.deps.clock }, selection);
    return this.operations === 0 ? look() : this.tail.then(look);
  }

  /** The sockets it was sent to: those that are gone are not among them. For events that are answered, so at once. */
  broadcast(selection: Selection, packets: readonly EnginePacket[]): Promise<readonly SocketEntry[]> {
    const sent = this.send(selection, (entry) => this.posts.send(entry, packets));
    const reached = sent
      .then((posts) => Promise.all(posts))
      .then((outcomes) => outcomes.filter(({ outcome }) => outcome === 'sent').map(({ entry }) => entry));
    return this.reported('A broadcast failed', reached, []);
  }

  /**
   * As `broadcast`, to any number: the function `fan-out` tells a crowd, and those who could not be told here. `fleeting`: whom
   * it does not reach now need not have it. Fulfilled when everybody told here has been; until when a crowd is told at most.
   */
  spread(
    selection: Selection,
    packets: readonly EnginePacket[],
    fleeting: boolean,
  ): Promise<Millis | undefined> {
    const { parcels } = this;
    const at = this.deps.clock.now();
    const number = parcels.add({ selection, packets, fleeting, at });
    const sent = this.send(selection, async (entry, all) => {
      if (parcels.take(number, entry, all.length)) return 'carried';
      const outcome = await this.posts.send(entry, packets);
      if (outcome === 'failed' || outcome === 'unknown') parcels.leave(number, entry, outcome);
      return outcome;
    });
    const told = sent.then(async (posts) => {
      const outcomes = await Promise.all(posts);
      const remaining = await parcels.sendLate(number);
      await this.cut(remaining);
      return outcomes.some(({ outcome }) => outcome === 'carried') ? at + FAN_OUT.lateMs : undefined;
    });
    return this.reported('A broadcast failed', told, undefined);
  }

  /** They come back as after a break of the network, and are told what they missed. */
  private async cut(remaining: readonly SocketAddress[]): Promise<void> {
    await mapBounded(remaining, FAN_OUT.concurrency, ({ entry: { sid } }) =>
      this.reported(
        'A session could not be ended',
        this.deps.sessions.end(sid, 'transport close'),
        undefined,
      ),
    );
  }

  /** Starts a post to each who is meant, in the order of the calls. */
  private send(
    selection: Selection,
    post: (entry: SocketEntry, all: readonly SocketEntry[]) => Promise<Sent['outcome']>,
  ): Promise<readonly Promise<Sent>[]> {
    const found = this.find(selection);
    // Awaited in its turn, which may be after it failed.
    found.catch(noop);
    const sent = this.inOrder(async () => {
      const entries = await found;
      if (entries.length > 0) this.posting();
      return entries.map(async (entry) => ({ entry, outcome: await post(entry, entries) }));
    });
    void this.reported(
      'Entries of sockets that are gone could not be removed',
      this.forget(selection, sent),
      undefined,
    );
    return sent;
  }

  /**
   * Entries that led nowhere go, or every broadcast would try them again until they expire: who ends a session removes
   * those its row names, once, and one that was written beside that stays. Each costs a write, and nobody waits for it but
   * the end of the run.
   */
  private async forget(selection: Selection, sent: Promise<readonly Promise<Sent>[]>): Promise<void> {
    const posts = await sent.catch((): readonly Promise<Sent>[] => []);
    const gone = (await Promise.all(posts)).filter(({ outcome }) => outcome === 'gone');
    await mapBounded(gone, FAN_OUT.concurrency, async ({ entry }) => {
      const places = placesOf(selection, entry);
      await Promise.all(places.map((place) => this.deps.stores.sockets.remove(place, entry)));
    });
  }

  /** Runs `operation` after everything before it has been looked up and handed over, and before anything after it. */
  operate(operation: () => Promise<void>): void {
    this.operations += 1;
    const done = this.inOrder(operation).finally(() => {
      this.operations -= 1;
    });
    void this.reported('An operation on sockets of other clients failed', done, undefined);
  }

  /** What gathers for the crowd leaves when nothing else waits for its turn: so it keeps its order, too. */
  private inOrder<T>(step: () => Promise<T>): Promise<T> {
    const done = this.tail.then(step);
    const tail = done.then(noop, noop).then(() => {
      if (this.tail === tail) void this.reported('A crowd was not told', this.sendCrowd(), undefined);
    });
    this.tail = tail;
    this.work.add(tail);
    return done;
  }

  private async sendCrowd(): Promise<void> {
    const refused = await this.parcels.send();
    await Promise.all(refused.map(({ entry, packets }) => this.posts.send(entry, packets)));
  }

  private reported<T>(message: string, promise: Promise<T>, instead: T): Promise<T> {
    const settled = promise.catch((error: unknown) => {
      this.log.error(message, { error });
      return instead;
    });
    this.work.add(settled);
    return settled;
  }
}

function noop(): void {}
