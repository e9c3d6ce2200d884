import type { DialectName, Millis } from '../domain/entities.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { ConnectionId } from '../domain/ids.ts';
import { FAN_OUT } from '../manifest/limits.ts';
import type { Dialect } from '../ports/dialect.ts';
import type { PostOutcome } from '../ports/gateway.ts';
import type { Deps } from './deps.ts';
import { mapBounded } from './map-bounded.ts';
import type { Target } from './reap.ts';
import { reap } from './reap.ts';

export type FanOutDeps = Pick<
  Deps,
  'gateway' | 'dialects' | 'members' | 'sessions' | 'audience' | 'log' | 'postman'
>;
type PostingDeps = Pick<Deps, 'gateway' | 'dialects' | 'members' | 'sessions' | 'log'>;

export interface Push {
  readonly event: DomainEvent;
  readonly to: readonly Target[];
  /** The connection that caused the event and gets it as its answer. */
  readonly except?: ConnectionId;
  readonly at: Millis;
}

/** Connections by what became of their post. `failed`: the gateway could not answer. `unspoken`: the dialect has no word for the event. */
export type FanOutSummary = Readonly<Record<PostOutcome | 'failed' | 'unspoken', number>>;

/** What became of a push, and who may be told later: the gateway was too busy, or did not answer. */
export interface Pushed {
  readonly summary: FanOutSummary;
  readonly left: readonly Target[];
}

/**
 * Posts an event to every connection once, at most FAN_OUT.concurrency at a time. Gone connections are removed on the
 * way. Never rejects: what happens to one recipient concerns no other, and not the sender.
 */
export async function fanOut(deps: PostingDeps, push: Push): Promise<FanOutSummary> {
  return (await pushAll(deps, push)).summary;
}

/** As `fanOut`, and says who is left. */
export async function pushAll(deps: PostingDeps, push: Push): Promise<Pushed> {
  const tell = telling(deps, push);
  const left: Target[] = [];
  const outcomes = await mapBounded(receivers(push), FAN_OUT.concurrency, async (target) => {
    const outcome = await tell(target);
    if (outcome === 'throttled' || outcome === 'failed') left.push(target);
    return outcome;
  });
  return { summary: summarise(deps, push, outcomes), left };
}

/** Tells connections one by one; encodes once per dialect. Never rejects. */
export function telling(
  deps: PostingDeps,
  { event, at }: Pick<Push, 'event' | 'at'>,
): (target: Target) => Promise<keyof FanOutSummary> {
  const frameFor = encodeOnce(deps.dialects, event);
  return async (target) => {
    const frame = frameFor(target.dialect);
    if (frame === undefined) return 'unspoken';
    const outcome = await post(deps, target, frame);
    if (outcome === 'gone') await reap(deps, target, at);
    return outcome;
  };
}

/** A connection that joined again after its room grew has two rows; it still hears everything once. */
function receivers({ to, except }: Push): readonly Target[] {
  const byConnection = new Map(to.map((target) => [target.connectionId, target]));
  if (except !== undefined) byConnection.delete(except);
  return [...byConnection.values()];
}

function encodeOnce(dialects: Readonly<Record<DialectName, Dialect>>, event: DomainEvent) {
  const frames = new Map<DialectName, string | undefined>();
  return (dialect: DialectName): string | undefined => {
    if (!frames.has(dialect)) frames.set(dialect, dialects[dialect].encode(event));
    return frames.get(dialect);
  };
}

async function post(
  deps: Pick<Deps, 'gateway' | 'log'>,
  target: Target,
  frame: string,
): Promise<PostOutcome | 'failed'> {
  try {
    return await deps.gateway.post({ connectionId: target.connectionId, dialect: target.dialect }, frame);
  } catch (error) {
    deps.log.warn('a post failed', { connectionId: target.connectionId, error });
    return 'failed';
  }
}

function summarise(
  deps: Pick<Deps, 'log'>,
  push: Push,
  outcomes: readonly (keyof FanOutSummary)[],
): FanOutSummary {
  const summary = { sent: 0, gone: 0, 'too-large': 0, throttled: 0, failed: 0, unspoken: 0 };
  for (const outcome of outcomes) summary[outcome] += 1;
  const lost = summary['too-large'] + summary.throttled + summary.failed;
  const report = { event: push.event.kind, ...summary };
  if (lost > 0) deps.log.warn('fan-out lost frames', report);
  else deps.log.debug('fan-out', report);
  return summary;
}
