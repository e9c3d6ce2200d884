import { randomBytes } from 'node:crypto';

/** 16 characters that end in `=`, like `BFHPhfCWIAMCKlQ=`: the form of connection ids, request ids and message ids. */
export function mintId(): string {
  return `${randomBytes(11).toString('base64url')}=`;
}

/** Whether `id` has the form of a connection id. One that hasn't is a 400, one that has and is unknown a 410. */
export function isConnectionId(id: string): boolean {
  return /^[\w-]{15}=$/.test(id);
}

/** Value of `X-Amzn-Trace-Id`: `Root=1-<epoch seconds in hex>-<96 random bits>`. */
export function traceId(now: number): string {
  return `Root=1-${Math.floor(now / 1000).toString(16)}-${randomBytes(12).toString('hex')}`;
}
