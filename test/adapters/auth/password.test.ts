import { scryptSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createPasswordHasher } from '../../../lambdas/adapters/auth/password.ts';

/** Cheap: the cost is configuration, what is tested here is not. */
const hasher = createPasswordHasher({ logN: 4 });

describe('passwords', () => {
  test('the right one is accepted, others are not', async () => {
    const stored = await hasher.hash('correct horse');
    expect(await hasher.verify('correct horse', stored)).toBe(true);
    expect(await hasher.verify('correct horse ', stored)).toBe(false);
    expect(await hasher.verify('', stored)).toBe(false);
  });

  test('the stored string says how it was made, and scrypt agrees', async () => {
    const stored = await hasher.hash('pässword');
    const [, salt = '', hash] = /^\$scrypt\$ln=4,r=8,p=1\$([^$]{22})\$([^$]{43})$/.exec(stored) ?? [];
    const expected = scryptSync('pässword', Buffer.from(salt, 'base64'), 32, { N: 16, r: 8, p: 1 });
    expect(Buffer.from(hash ?? '', 'base64').equals(expected)).toBe(true);
  });

  test('equal passwords have different hashes', async () => {
    expect(await hasher.hash('same')).not.toBe(await hasher.hash('same'));
  });

  test('hashes made with another cost stay valid', async () => {
    const stored = await createPasswordHasher({ logN: 6 }).hash('secret');
    expect(await hasher.verify('secret', stored)).toBe(true);
  });

  test('composed and decomposed letters are the same password', async () => {
    const stored = await hasher.hash('caf\u00e9 au lait');
    expect(await hasher.verify('cafe\u0301 au lait', stored)).toBe(true);
  });

  test('the production cost works', async () => {
    const real = createPasswordHasher({ logN: 15 });
    expect(await real.verify('secret', await real.hash('secret'))).toBe(true);
  });

  test('without an account the answer is no, after the same work', async () => {
    const costly = createPasswordHasher({ logN: 14 });
    const stored = await costly.hash('x');
    const median = async (hash: string | undefined) => {
      const times: number[] = [];
      for (let n = 0; n < 5; n += 1) {
        const start = process.hrtime.bigint();
        expect(await costly.verify('guess', hash)).toBe(false);
        times.push(Number(process.hrtime.bigint() - start));
      }
      return times.toSorted((a, b) => a - b)[2] ?? 0;
    };
    const [known, unknown] = [await median(stored), await median(undefined)];
    // No work at all would be hundreds of times faster; noise of a busy machine is not.
    expect(unknown).toBeGreaterThan(known / 10);
  });

  test.each([
    '',
    'plain',
    '$2b$10$abc',
    '$scrypt$ln=4,r=8,p=1$short$short',
    `$scrypt$ln=31,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`,
    `$scrypt$ln=0,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`,
    // The all-zero stand-in for nobody must not be a key to anything.
    `$scrypt$ln=4,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`,
  ])('a damaged hash never matches: %s', async (stored) => {
    expect(await hasher.verify('anything', stored)).toBe(false);
  });
});
