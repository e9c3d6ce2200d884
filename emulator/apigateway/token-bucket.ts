import type { Clock } from '../types.ts';
import type { StageProperties, ThrottleProperties } from './template-properties.ts';

/** Takes one token of a route of the stage; false means throttled. */
export type Throttle = (routeKey: string) => boolean;

/**
 * Stage and route throttling: a token bucket per route, filled at the rate, as large as the burst (AWS: "Protect your
 * WebSocket APIs in API Gateway", best effort). Limits that the template doesn't set don't throttle; 0 refuses all.
 */
export function createThrottle(stage: StageProperties, clock: Clock): Throttle {
  const buckets = new Map<string, () => boolean>();
  return (routeKey) => {
    let take = buckets.get(routeKey);
    if (take === undefined) {
      take = bucket(stage.RouteSettings?.[routeKey] ?? stage.DefaultRouteSettings ?? {}, clock);
      buckets.set(routeKey, take);
    }
    return take();
  };
}

function bucket(settings: ThrottleProperties, clock: Clock): () => boolean {
  const rate = limit(settings.ThrottlingRateLimit);
  const burst = limit(settings.ThrottlingBurstLimit);
  const size = burst ?? rate;
  if (size === undefined) return () => true;
  let tokens = size;
  let filledAt = clock.now();
  return () => {
    const now = clock.now();
    tokens = Math.min(size, tokens + ((now - filledAt) / 1000) * (rate ?? Infinity) || 0);
    filledAt = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

function limit(value: number | string | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}
