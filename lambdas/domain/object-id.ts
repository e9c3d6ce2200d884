import type { Millis } from './entities.ts';

/** Random bytes that an id needs; the caller brings them, because pure code has no source of randomness. */
export const OBJECT_ID_RANDOM_BYTES = 8;

/**
 * 24 hex digits in the layout of a MongoDB ObjectId: 4 bytes of epoch seconds, then 8 random bytes. Clients of the
 * contracts check ids for this layout. 64 random bits per second make a collision a non-event.
 */
export function objectId(at: Millis, random: Uint8Array): string {
  if (random.length !== OBJECT_ID_RANDOM_BYTES)
    throw new RangeError(`${OBJECT_ID_RANDOM_BYTES} random bytes are needed`);
  const seconds = Math.floor(at / 1000) % 2 ** 32;
  return seconds.toString(16).padStart(8, '0') + Array.from(random, hexByte).join('');
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
