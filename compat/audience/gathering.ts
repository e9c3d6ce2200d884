import { mapBounded } from '../../lambdas/app/map-bounded.ts';
import type { DomainEvent } from '../../lambdas/domain/events.ts';
import { CHAT_DIALECTS, type ChatDialectId } from '../../lambdas/manifest/dialects.ts';
import { FAN_OUT } from '../../lambdas/manifest/limits.ts';
import type { AudienceSummary, Gathering, Left } from '../../lambdas/ports/audience.ts';
import type { Content, Reach, SocketAddress } from '../../lambdas/ports/mail.ts';
import type { Log } from '../../lambdas/ports/runtime.ts';
import type { EnginePacket, Namespace } from '../../lambdas/ports/socketio.ts';
import { offsetOf } from './offset.ts';
import { encodeEvents, type Sayings } from './packets.ts';
import { attempt, type Listener, type TellingDeps } from './tell.ts';

/** The part of a namespace's vocabulary that speaks. `pin`: the chat dialect the socket settled on. */
export interface Words {
  say(occurrence: DomainEvent, pin?: ChatDialectId): Sayings;
}

export interface SpeakingDeps extends TellingDeps {
  /** Undefined for a namespace that has no vocabulary. */
  readonly words: (nsp: Namespace) => Words | undefined;
  /** Whether events that are stored carry their offset. */
  readonly recovery: boolean;
}

export class SocketGathering implements Gathering {
  private readonly deps: SpeakingDeps;
  private readonly found: readonly Listener[];
  /** By namespace and session: a socket may be found in several rooms. */
  private readonly listeners: ReadonlyMap<string, Listener>;

  constructor(deps: SpeakingDeps, listeners: readonly Listener[]) {
    this.deps = deps;
    this.found = listeners;
    this.listeners = new Map(listeners.map((listener) => [keyOf(listener), listener]));
  }

  get size(): number {
    return this.listeners.size;
  }

  async say(event: DomainEvent, except?: string): Promise<AudienceSummary> {
    const tell = telling(this.deps, { event });
    const hearers = this.hearers(event, except);
    const reached = await mapBounded(hearers, FAN_OUT.concurrency, async (to) => ({
      to,
      reach: await tell(to),
    }));
    return summarise(this.deps.log, event, reached);
  }

  hearers(_event: DomainEvent, except?: string): readonly SocketAddress[] {
    const speaker = this.found.find(({ entry }) => entry.socketId === except);
    const own = speaker === undefined ? undefined : keyOf(speaker);
    return [...this.listeners].flatMap(([key, listener]) => (key === own ? [] : [listener]));
  }

  and(other: Gathering): Gathering {
    if (!(other instanceof SocketGathering)) return this;
    return new SocketGathering(this.deps, [...this.found, ...other.found]);
  }

  without(other: Gathering): Gathering {
    if (!(other instanceof SocketGathering)) return this;
    const remaining = this.found.filter((listener) => !other.listeners.has(keyOf(listener)));
    return new SocketGathering(this.deps, remaining);
  }
}

/**
 * A session has one socket in a namespace. Where two entries name it, one is left of a recovery that failed half-way, and both
 * lead to the same client.
 */
function keyOf({ place, entry }: Listener): string {
  return `${place.nsp} ${entry.sid}`;
}

/** Tells sockets one by one; encodes once per vocabulary. Never rejects. */
export function telling(deps: SpeakingDeps, content: Content): (to: SocketAddress) => Promise<Reach> {
  const packetsFor = 'event' in content ? encodeOnce(deps, content.event) : () => content.packets;
  return async (to) => {
    const packets = packetsFor(to);
    return packets.length === 0 ? 'unspoken' : attempt(deps, to, packets);
  };
}

function encodeOnce({ words, recovery, log }: SpeakingDeps, event: DomainEvent) {
  const offset = recovery ? offsetOf(event) : undefined;
  const encoded = new Map<string, readonly EnginePacket[]>();
  return ({ place: { nsp }, entry: { tag } }: Listener): readonly EnginePacket[] => {
    const key = `${nsp} ${tag}`;
    const known = encoded.get(key);
    if (known !== undefined) return known;
    const packets = encodeEvents(nsp, saying(), offset);
    encoded.set(key, packets);
    return packets;

    function saying(): Sayings {
      try {
        return words(nsp)?.say(event, pinOf(tag)) ?? [];
      } catch (error) {
        // A vocabulary with a fault must not cost the others the event.
        log.error('a vocabulary could not say an event', { event: event.kind, nsp, error });
        return [];
      }
    }
  };
}

/** A tag of a later version of the code is none: the socket hears every vocabulary's words. */
function pinOf(tag: string | undefined): ChatDialectId | undefined {
  return CHAT_DIALECTS.find((id) => id === tag);
}

interface Reached {
  readonly to: SocketAddress;
  readonly reach: Reach;
}

function summarise(log: Log, event: DomainEvent, reached: readonly Reached[]): AudienceSummary {
  const count = (...wanted: readonly Reach[]) => reached.filter(({ reach }) => wanted.includes(reach)).length;
  const summary = {
    sent: count('sent'),
    gone: count('gone'),
    failed: count('refused', 'unknown', 'lost'),
    unspoken: count('unspoken'),
  };
  if (reached.length > 0) log.debug('fan-out to sockets', { event: event.kind, ...summary });
  const left = leftOf(reached);
  return left === undefined ? summary : { ...summary, left };
}

function leftOf(reached: readonly Reached[]): Left | undefined {
  const those = (wanted: Reach) => reached.filter(({ reach }) => reach === wanted).map(({ to }) => to);
  const left = { untold: those('refused'), doubtful: those('unknown') };
  return left.untold.length + left.doubtful.length === 0 ? undefined : left;
}
