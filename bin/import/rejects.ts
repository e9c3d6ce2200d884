import { open, unlink } from 'node:fs/promises';

export interface Rejection {
  readonly line: number;
  readonly reason: string;
}

export interface Rejects {
  readonly path: string;
  /** Adds lines; answers the file's length afterwards. */
  readonly append: (rejections: readonly Rejection[]) => Promise<number>;
  readonly close: () => Promise<void>;
}

/**
 * `<file>.rejected.ndjson`: `{ line, reason }` for each. What is beyond `bytes` is of lines that are going to be read again.
 * None is left when nothing was rejected.
 */
export async function openRejects(file: string, bytes: number): Promise<Rejects> {
  const path = `${file}.rejected.ndjson`;
  const handle = await open(path, 'a');
  let length = Math.min(bytes, (await handle.stat()).size);
  await handle.truncate(length);
  return {
    path,
    append: async (rejections) => {
      const text = rejections.map((rejection) => `${JSON.stringify(rejection)}\n`).join('');
      if (text !== '') await handle.appendFile(text);
      length += Buffer.byteLength(text);
      return length;
    },
    close: async () => {
      await handle.close();
      if (length === 0) await unlink(path);
    },
  };
}
