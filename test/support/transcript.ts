/**
 * Replays the transcripts of PROTOCOL.md against anything that speaks the native protocol: the use cases in memory, or the
 * emulator's sockets. One file, one conversation:
 *
 *     # a comment, up to the end of the line
 *     alice> {"action":"join","roomId":"{room}","id":"1"}        alice sends this text
 *     alice< {"event":"room.joined","id":"1","roomId":"{room}","userId":"{alice}"}     the next frame alice gets is this
 *
 * A string that is nothing but `{name}` is a placeholder. Names the stage knows (`{room}`, `{alice}` …) stand for its ids; any other
 * name takes the value it first meets and must meet the same one from then on. `{instant}` is any ISO 8601 instant, `{offset}`
 * any offset.
 * Frames are compared whole: a field too many is a difference.
 */
export interface TranscriptClient {
  send(frame: string): void | Promise<void>;
  /** The next frame in the order of arrival, as text. Rejects when none comes. */
  next(): Promise<string>;
}

export interface TranscriptStage {
  /** Connects, at its first mention, the person of this name. */
  client(name: string): Promise<TranscriptClient>;
  /** What placeholders stand for: `{ room: '68f1…', alice: '68f1…' }`. */
  readonly names: Readonly<Record<string, string>>;
}

interface Line {
  readonly number: number;
  readonly client: string;
  readonly direction: '>' | '<';
  readonly text: string;
}

/** Rejects with an error that names the line at the first difference. */
export async function replayTranscript(transcript: string, stage: TranscriptStage): Promise<void> {
  const bound = new Map(Object.entries(stage.names));
  const clients = new Map<string, Promise<TranscriptClient>>();
  for (const line of linesOf(transcript)) {
    const connecting = clients.get(line.client) ?? stage.client(line.client);
    clients.set(line.client, connecting);
    const client = await connecting;
    if (line.direction === '>') await client.send(fill(line.text, bound));
    else expectFrame(line, await client.next(), bound);
  }
}

export function linesOf(transcript: string): Line[] {
  return transcript.split('\n').flatMap((text, index) => {
    if (text === '' || text.startsWith('#')) return [];
    const [, client, direction, frame] = /^(\w+)([<>]) (.*)$/.exec(text) ?? [];
    if (client === undefined || frame === undefined)
      throw new Error(`line ${index + 1} is no transcript: ${text}`);
    return [{ number: index + 1, client, direction: direction as '>' | '<', text: frame }];
  });
}

function fill(text: string, bound: ReadonlyMap<string, string>): string {
  return text.replaceAll(/"\{(\w+)\}"/g, (placeholder, name: string) => {
    const value = bound.get(name);
    if (value === undefined) throw new Error(`${placeholder} is sent before it was received`);
    return JSON.stringify(value);
  });
}

function expectFrame(line: Line, received: string, bound: Map<string, string>): void {
  const difference = compare(JSON.parse(line.text), JSON.parse(received), { path: '', bound });
  if (difference === undefined) return;
  throw new Error(
    `line ${line.number}: ${line.client} got ${received}\nexpected ${line.text}\n${difference}`,
  );
}

interface Place {
  readonly path: string;
  readonly bound: Map<string, string>;
}

function compare(expected: unknown, actual: unknown, place: Place): string | undefined {
  const name = typeof expected === 'string' ? /^\{(\w+)\}$/.exec(expected)?.[1] : undefined;
  if (name !== undefined) return comparePlaceholder(name, actual, place);
  if (typeof expected !== 'object' || expected === null || typeof actual !== 'object' || actual === null) {
    return expected === actual ? undefined : differ(place, expected, actual);
  }
  const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  for (const key of keys) {
    const inner = { ...place, path: `${place.path}.${key}` };
    if (!Object.hasOwn(expected, key)) return `${inner.path} was not expected`;
    if (!Object.hasOwn(actual, key)) return `${inner.path} is missing`;
    const found = compare((expected as never)[key], (actual as never)[key], inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

const PATTERNS: ReadonlyMap<string, RegExp> = new Map([
  ['instant', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/],
  ['offset', /^[0-9a-z]{9}-[\w-]{10}$/],
]);

function comparePlaceholder(name: string, actual: unknown, place: Place): string | undefined {
  if (typeof actual !== 'string') return differ(place, `{${name}}`, actual);
  const pattern = PATTERNS.get(name);
  if (pattern !== undefined) return pattern.test(actual) ? undefined : differ(place, `an ${name}`, actual);
  const known = place.bound.get(name);
  place.bound.set(name, known ?? actual);
  return known === undefined || known === actual ? undefined : differ(place, known, actual);
}

function differ(place: Place, expected: unknown, actual: unknown): string {
  return `${place.path}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`;
}
