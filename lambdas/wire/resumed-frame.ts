import type { Reply } from '../domain/events.ts';
import { againPoint, pagePoint } from '../domain/resume-point.ts';
import { utf8Length } from '../domain/utf8.ts';
import { API_GATEWAY, RESUME } from '../manifest/limits.ts';
import { countFitting } from './count-fitting.ts';

type Resumed = Extract<Reply, { kind: 'resumed' }>;

/** Room for the name, the ids and the offsets; the rooms are counted as they are. */
const ENVELOPE_BYTES = 1024;

/**
 * What was missed rides the answer, as many events as fit into API Gateway's 128 KB: in order and whole, where posts might
 * overtake each other and fail one by one. `encode` makes an event's own frame. One event always fits.
 */
export function encodeResumed(
  resumed: Resumed,
  encode: (event: Resumed['events'][number]['event']) => string,
  id?: string,
): string {
  const rooms = resumed.rooms.map(({ roomId, refused }) =>
    refused === undefined ? { roomId, joined: true } : { roomId, joined: false, code: refused },
  );
  const frames = resumed.events.map(({ event }) => encode(event));
  const space = API_GATEWAY.messageBytes - ENVELOPE_BYTES - utf8Length(JSON.stringify(rooms));
  const kept = frames.slice(0, countFitting(frames, space));
  const { offset, next } = going(resumed, kept.length);
  const head = { event: 'resumed', ...(id === undefined ? {} : { id }), recovered: resumed.recovered, rooms };
  const tail = { offset, ...(next === undefined ? {} : { next }) };
  return `${JSON.stringify(head).slice(0, -1)},"events":[${kept.join(',')}],${JSON.stringify(tail).slice(1)}`;
}

interface Going {
  readonly offset: string;
  /** The request to send next, and when. */
  readonly next?: { readonly after: string; readonly inSeconds: number };
}

function going({ events, complete, offset, began }: Resumed, kept: number): Going {
  const last = events[kept - 1]?.offset;
  if (last !== undefined && (kept < events.length || !complete))
    return { offset: earlier(last, offset), next: { after: pagePoint(last, began), inSeconds: 0 } };
  if (began === undefined) return { offset };
  return { offset, next: { after: againPoint(began), inSeconds: RESUME.againSeconds } };
}

function earlier(one: string, other: string): string {
  return one < other ? one : other;
}
