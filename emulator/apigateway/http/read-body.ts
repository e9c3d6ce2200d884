import type { IncomingMessage } from 'node:http';

/**
 * The whole body; undefined as soon as it is larger than `maximum` (the rest is read and dropped, so that the client
 * gets to see its answer). Rejects when the client goes away.
 */
export function readBody(req: IncomingMessage, maximum: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maximum) chunks.push(chunk);
      else {
        chunks.length = 0;
        resolve(undefined);
      }
    });
    req.once('end', () => resolve(Buffer.concat(chunks)));
    req.once('error', reject);
    req.once('close', () => reject(new Error('the client went away')));
  });
}
