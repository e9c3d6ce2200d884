import type { CausewayError } from '../domain/errors.ts';
import { InDoubt } from '../domain/in-doubt.ts';
import { httpStatus, translateAwsError } from './aws-errors.ts';

/** Codes of Node.js for connections that never came about. */
const UNCONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Statuses by which a service says that it did nothing; 502 and 504 come from what stands before it. */
const UNDONE = new Set([429, 500, 503]);

/** Whether a request that failed has certainly not been carried out, so that it may be repeated without doing it twice. */
export function isUndone(error: unknown): boolean {
  const status = httpStatus(error);
  if (status !== undefined) return UNDONE.has(status) || (status >= 400 && status < 500);
  const { code, message = '' } = (error ?? {}) as { readonly code?: string; readonly message?: string };
  // The HTTP handler of the SDK has no code for it.
  return UNCONNECTED.has(code ?? '') || message.includes('did not establish a connection');
}

/** As `translateAwsError`, of a request that must not be carried out twice: InDoubt when it may have been, though it failed. */
export function translateUnrepeatable(error: unknown): CausewayError {
  const told = translateAwsError(error);
  return told.code === 'unavailable' && !isUndone(error) ? new InDoubt(error) : told;
}
