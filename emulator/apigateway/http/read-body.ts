import type { IncomingMessage } from 'node:http';

const bodies = new WeakMap<IncomingMessage, Promise<Buffer | undefined>>();

/** The same for whoever asks again: a request that CloudFront sends once more has its body once more. */
export function readBodyOnce(req: IncomingMessage, maximum: number): Promise<Buffer | undefined> {
  let body = bodies.get(req);
  if (!body) bodies.set(req, (body = readBody(req, maximum)));
  return body;
}

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
