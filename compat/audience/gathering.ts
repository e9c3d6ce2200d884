import { mapBounded } from '../../lambdas/app/map-bounded.ts';
import type { DomainEvent } from '../../lambdas/domain/events.ts';
import { CHAT_DIALECTS, type ChatDialectId } from '../../lambdas/manifest/dialects.ts';
import { FAN_OUT } from '../../lambdas/manifest/limits.ts';
import type { AudienceSummary, Gathering } from '../../lambdas/ports/audience.ts';
import type { Log } from '../../lambdas/ports/runtime.ts';
import type { EnginePacket, Namespace } from '../../lambdas/ports/socketio.ts';
import { offsetOf } from './offset.ts';
import { encodeEvents, type Sayings } from './packets.ts';
import { tell, type Listener, type TellingDeps } from './tell.ts';

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
  /** By namespace and public id: a socket may be found in several rooms. */
  private readonly listeners: ReadonlyMap<string, Listener>;

  constructor(deps: SpeakingDeps, listeners: readonly Listener[]) {
    this.deps = deps;
    this.listeners = new Map(listeners.map((listener) => [keyOf(listener), listener]));
  }

  get size(): number {
    return this.listeners.size;
  }

  async say(event: DomainEvent, except?: string): Promise<AudienceSummary> {
    const { deps } = this;
    const packetsFor = encodeOnce(deps, event);
    const hearers = [...this.listeners.values()].filter(({ entry }) => entry.socketId !== except);
    const outcomes = await mapBounded(hearers, FAN_OUT.concurrency, async (listener) => {
      const packets = packetsFor(listener);
      return packets.length === 0 ? 'unspoken' : tell(deps, listener, packets);
    });
    return summarise(deps.log, event, outcomes);
  }

  and(other: Gathering): Gathering {
    if (!(other instanceof SocketGathering)) return this;
    return new SocketGathering(this.deps, [...this.listeners.values(), ...other.listeners.values()]);
  }
}

function keyOf({ place, entry }: Listener): string {
  return `${place.nsp} ${entry.socketId}`;
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

type Outcome = keyof AudienceSummary;

function summarise(log: Log, event: DomainEvent, outcomes: readonly Outcome[]): AudienceSummary {
  const summary = { sent: 0, gone: 0, failed: 0, unspoken: 0 };
  for (const outcome of outcomes) summary[outcome] += 1;
  if (outcomes.length > 0) log.debug('fan-out to sockets', { event: event.kind, ...summary });
  return summary;
}
