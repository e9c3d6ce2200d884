import type { ServerResponse } from 'node:http';
import { plainAnswer, type HttpAnswer } from './response.ts';

/** Headers that belong to the connection; a function can't set them. */
const NOT_FROM_FUNCTIONS = new Set([
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'upgrade',
]);

/** Sends it, or a 500 when it has a header that HTTP can't carry; `failed` hears why. Nothing when the client is gone. */
export function writeAnswer(res: ServerResponse, answer: HttpAnswer, failed: (error: unknown) => void): void {
  try {
    write(res, answer);
  } catch (error) {
    failed(error);
    if (!res.headersSent) write(res, plainAnswer(500, 'Internal Server Error'));
  }
}

function write(res: ServerResponse, answer: HttpAnswer): void {
  if (res.destroyed) return;
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  for (const [name, value] of Object.entries(answer.headers)) {
    if (!NOT_FROM_FUNCTIONS.has(name.toLowerCase())) res.setHeader(name, value);
  }
  if (answer.cookies.length > 0) res.setHeader('set-cookie', answer.cookies);
  if (answer.status !== 204 && answer.status !== 304) res.setHeader('content-length', answer.body.length);
  res.writeHead(answer.status).end(answer.body);
}
