import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../apigateway/http/read-body.ts';
import { pathOf } from '../apigateway/request-parts.ts';
import type { HttpEdge } from '../types.ts';
import { foreignCaller } from './foreign-caller.ts';

/** One operation of `/_emulator/*`. Throws ControlError for what the caller did wrong. */
export type Operation = (body: Readonly<Record<string, unknown>>) => unknown;
/** Keyed `<METHOD> <path after /_emulator>`. */
export type Operations = Readonly<Record<string, Operation>>;

/** Answered to the caller as `{ "error": message }`; the message says what to do. */
export class ControlError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const PREFIX = '/_emulator';
const MAXIMUM_BODY_BYTES = 64 * 1024;

/** The controls: an edge of the front door in front of all others. */
export function createControl(operations: Operations): HttpEdge {
  return {
    request(req, res) {
      const path = pathOf(req);
      if (path !== PREFIX && !path.startsWith(`${PREFIX}/`)) return false;
      void answer(req, res, () => perform(operations, req, path.slice(PREFIX.length)));
      return true;
    },
  };
}

async function answer(req: IncomingMessage, res: ServerResponse, act: () => Promise<unknown>): Promise<void> {
  try {
    const refusal = foreignCaller(req);
    if (refusal !== undefined) throw new ControlError(403, refusal);
    send(res, 200, (await act()) ?? {});
  } catch (error) {
    const status = error instanceof ControlError ? error.status : 500;
    send(res, status, { error: error instanceof Error ? error.message : String(error) });
  }
}

async function perform(operations: Operations, req: IncomingMessage, path: string): Promise<unknown> {
  const operation = operations[`${req.method} ${path}`];
  if (operation && Object.hasOwn(operations, `${req.method} ${path}`)) return operation(await readJson(req));
  const known = Object.keys(operations);
  const methods = known.filter((key) => key.endsWith(` ${path}`)).map((key) => key.split(' ')[0]);
  if (methods.length > 0)
    throw new ControlError(405, `${PREFIX}${path} takes ${methods.join(' and ')}, not ${req.method}.`);
  throw new ControlError(
    404,
    `There is no ${PREFIX}${path}. There are: ${known.map((key) => key.replace(' ', ` ${PREFIX}`)).join(', ')}.`,
  );
}

async function readJson(req: IncomingMessage): Promise<Record<string, unknown>> {
  const body = await readBody(req, MAXIMUM_BODY_BYTES);
  if (!body) throw new ControlError(413, `The body is larger than ${MAXIMUM_BODY_BYTES} bytes.`);
  if (body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(body.toString());
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // answered below
  }
  throw new ControlError(400, 'The body must be a JSON object.');
}

function send(res: ServerResponse, status: number, body: unknown): void {
  if (res.destroyed) return;
  res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  res.end(`${JSON.stringify(body, null, 2)}\n`);
}
