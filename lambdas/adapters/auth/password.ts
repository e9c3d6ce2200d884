import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { PasswordHasher } from '../../ports/security.ts';

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Block size and parallelism of OWASP's "Password Storage Cheat Sheet"; only N is tuned. */
const R = 8;
const P = 1;
/** Largest cost that is believed when it comes from a stored string: 128 MiB of memory. */
const MAX_LOG_N = 17;
const STORED = /^\$scrypt\$ln=(\d{1,2}),r=8,p=1\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

/** Compared against when there is no account, so that an unknown address costs what a known one does. */
const NOBODY = { salt: Buffer.alloc(SALT_BYTES), hash: Buffer.alloc(HASH_BYTES) };

/**
 * scrypt (RFC 7914) off the event loop. Stored as `$scrypt$ln=15,r=8,p=1$salt$hash`, base64 without padding. Passwords
 * are compared in Unicode NFKC, so that the same letters typed on another keyboard match.
 *
 * @param options.logN log2 of the cost N; hashes made with another one stay valid. 15 needs 32 MiB and about 50–100 ms.
 */
export function createPasswordHasher(options: { readonly logN: number }): PasswordHasher {
  const { logN } = options;
  return {
    hash: async (password) => {
      const salt = randomBytes(SALT_BYTES);
      const hash = await derive(password, salt, logN);
      return `$scrypt$ln=${logN},r=${R},p=${P}$${unpadded(salt)}$${unpadded(hash)}`;
    },
    verify: async (password, stored) => {
      const known = parse(stored);
      const { salt, hash } = known ?? NOBODY;
      const derived = await derive(password, salt, known?.logN ?? logN);
      return timingSafeEqual(derived, hash) && known !== undefined;
    },
  };
}

/** Whether a text is a hash as this hasher stores it, at a cost it believes. */
export function isPasswordHash(text: string): boolean {
  return parse(text) !== undefined;
}

function parse(
  stored: string | undefined,
): { readonly logN: number; readonly salt: Buffer; readonly hash: Buffer } | undefined {
  const [, ln, salt, hash] = STORED.exec(stored ?? '') ?? [];
  const logN = Number(ln);
  if (salt === undefined || hash === undefined || logN < 1 || logN > MAX_LOG_N) return undefined;
  return { logN, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

function derive(password: string, salt: Buffer, logN: number): Promise<Buffer> {
  const N = 2 ** logN;
  // scrypt needs 128·N·r bytes; OpenSSL refuses unless the limit is above that.
  const options = { N, r: R, p: P, maxmem: 128 * N * R + 1024 * 1024 };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
