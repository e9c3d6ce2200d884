import { createReadStream } from 'node:fs';

/** A line of an NDJSON file. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** Undefined: longer than LINE_BYTES, and read over. */
  readonly bytes: Buffer | undefined;
  /** Offset in the file of the byte after it and its line feed. */
  readonly end: number;
}

/** Where to begin: `offset` is the end of line `line`. */
export interface Place {
  readonly offset: number;
  readonly line: number;
}

/** A room of some 20,000 participants; whoever has more repeats the room (docs/migrate.md). */
export const LINE_BYTES = 1024 * 1024;
const BATCH_LINES = 100;
const BATCH_BYTES = 1024 * 1024;
const LINE_FEED = 10;

/**
 * The lines of a file, some at a time: at most 100, fewer when they are long. Reads no further than it is asked, and holds
 * one batch, so memory does not depend on the file. Empty lines are left out, but counted.
 */
export async function* readBatches(path: string, from: Place): AsyncGenerator<readonly Line[]> {
  let batch: Line[] = [];
  let bytes = 0;
  for await (const line of readLines(path, from)) {
    batch.push(line);
    bytes += line.bytes?.length ?? 0;
    if (batch.length < BATCH_LINES && bytes < BATCH_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

async function* readLines(path: string, from: Place): AsyncGenerator<Line> {
  const splitter = createSplitter(from);
  const stream = createReadStream(path, { start: from.offset, highWaterMark: 256 * 1024 });
  for await (const chunk of stream) yield* splitter.push(chunk as Buffer);
  yield* splitter.end();
}

/** Cuts chunks into lines; `end` gives the last one, which may lack its line feed. */
function createSplitter(from: Place) {
  let { offset, line: number } = from;
  let parts: Buffer[] = [];
  let length = 0;

  /** Of a line that is too long only the length is kept. */
  function keep(part: Buffer): void {
    offset += part.length;
    length += part.length;
    if (length <= LINE_BYTES) parts.push(part);
    else parts = [];
  }

  function* finish(): Generator<Line> {
    number += 1;
    const bytes = length > LINE_BYTES ? undefined : Buffer.concat(parts);
    parts = [];
    length = 0;
    if (bytes === undefined || !isBlank(bytes)) yield { number, bytes, end: offset };
  }

  function* push(chunk: Buffer): Generator<Line> {
    let start = 0;
    for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, start)) {
      keep(chunk.subarray(start, at));
      offset += 1;
      start = at + 1;
      yield* finish();
    }
    keep(chunk.subarray(start));
  }

  return { push, end: () => (length > 0 ? finish() : []) };
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
