import { createHash } from 'node:crypto';

/** DynamoDB takes 2,048 bytes of partition key and 1,024 of sort key; a part of ours must leave room for two more. */
const MAX_BYTES = 256;
const HASHED = '~';

/**
 * A text that a client or an application chose freely, as part of a key: never empty, never too long, well-formed Unicode.
 * Two texts make the same part only if they differ in halves of surrogate pairs.
 */
export function keyPart(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length > 0 && bytes.length <= MAX_BYTES && !text.startsWith(HASHED)) return bytes.toString();
  return HASHED + createHash('sha256').update(bytes).digest('base64url');
}

/** As keyPart, without the separator of keys: for parts that others follow. */
export function innerKeyPart(text: string): string {
  return keyPart(text).replaceAll(/[#%]/g, encodeURIComponent);
}
