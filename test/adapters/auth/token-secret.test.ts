import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { createAuthenticator } from '../../../lambdas/adapters/auth/authenticator.ts';
import { createTokenSecret } from '../../../lambdas/adapters/auth/token-secret.ts';
import { builtInClaims, sign } from './tokens.ts';

const MINUTE = 60_000;
const OLD = 'o'.repeat(40);
const NEW = 'n'.repeat(40);

/** A fake Secrets Manager holding one secret, and a clock that tests move. */
function fakes(secret: string | Error = OLD) {
  const state = { secret, calls: 0, now: Date.now() };
  const client = {
    send: () => {
      state.calls += 1;
      return state.secret instanceof Error
        ? Promise.reject(state.secret)
        : Promise.resolve({ SecretString: state.secret });
    },
  } as unknown as Pick<SecretsManagerClient, 'send'>;
  const clock = { now: () => state.now };
  return { state, clock, secret: createTokenSecret({ client, secretArn: 'arn', clock }) };
}

const text = (bytes: Uint8Array | undefined): string | undefined => bytes && new TextDecoder().decode(bytes);

describe('token secret', () => {
  test('callers at the same time share one request, later ones the cached answer, for five minutes', async () => {
    const { state, secret } = fakes();
    await Promise.all([secret.current(), secret.current(), secret.current()]);
    state.now += 4 * MINUTE;
    expect(text(await secret.current())).toBe(OLD);
    expect(state.calls).toBe(1);

    state.now += 2 * MINUTE;
    state.secret = NEW;
    expect(text(await secret.current())).toBe(NEW);
    expect(state.calls).toBe(2);
  });

  test('looks for a rotated key at most once a minute', async () => {
    const { state, secret } = fakes();
    await secret.current();
    state.secret = NEW;
    expect(await secret.rotated()).toBeUndefined();
    state.now += MINUTE;
    expect(text(await secret.rotated())).toBe(NEW);
    expect(await secret.rotated()).toBeUndefined();
    expect(state.calls).toBe(2);
  });

  test('a failure is not remembered', async () => {
    const { state, secret } = fakes(Object.assign(new Error('slow down'), { name: 'ThrottlingException' }));
    await expect(secret.current()).rejects.toMatchObject({ code: 'unavailable' });
    state.secret = OLD;
    expect(text(await secret.current())).toBe(OLD);
  });

  test.each([
    ['missing permission', Object.assign(new Error('no'), { name: 'AccessDeniedException' })],
    ['an empty secret', ''],
    ['a short secret', 'short'],
  ])('%s is an internal error', async (_, value) => {
    const { secret } = fakes(value);
    await expect(secret.current()).rejects.toMatchObject({ code: 'internal' });
  });

  test('tokens signed after a rotation are accepted once the minute is over; forged ones do not cause requests', async () => {
    const { state, clock, secret } = fakes();
    const authenticator = createAuthenticator({ secret, issuers: [], clock });
    const token = await sign(builtInClaims(), new TextEncoder().encode(NEW));
    await expect(authenticator.verify(token)).rejects.toMatchObject({ code: 'token_invalid' });
    expect(state.calls).toBe(1);

    state.secret = NEW;
    state.now += MINUTE;
    await expect(authenticator.verify(token)).resolves.toMatchObject({ userId: 'anna' });

    const forged = await sign(builtInClaims(), new TextEncoder().encode(OLD));
    for (let n = 0; n < 20; n += 1) {
      await expect(authenticator.verify(forged)).rejects.toMatchObject({ code: 'token_invalid' });
    }
    expect(state.calls).toBe(2);
  });
});
