import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCauseway, type Causeway } from '../support/causeway.ts';
import { EVERYTHING } from '../support/scenario.ts';

/** As the configuration says. */
const LOGINS = 3;
/** Loopback addresses of Linux: clients with an address of their own. */
const [ALICE, BOB] = ['127.0.0.2', '127.0.0.3'];
const hasAddresses = process.platform === 'linux';

let causeway: Causeway;
beforeAll(async () => {
  causeway = await startCauseway({ configFile: EVERYTHING });
});
afterAll(() => causeway.close());

test('a client that claims another address with every login is throttled all the same', async () => {
  for (let attempt = 0; attempt < LOGINS; attempt++)
    expect(await logIn({ claims: claim(attempt) })).toBe(401);
  expect(await logIn({ claims: claim(99) })).toBe(429);
  expect(await logIn({ claims: `${claim(100)}, ${claim(101)}`, key: 'guessed' })).toBe(429);
  expect(await logIn({ claims: claim(102), key: '' })).toBe(429);
});

test.skipIf(!hasAddresses)(
  'whoever is throttled leaves the others their logins (other addresses: Linux)',
  async () => {
    for (let attempt = 0; attempt < LOGINS; attempt++) expect(await logIn({ from: ALICE })).toBe(401);
    expect(await logIn({ from: ALICE })).toBe(429);
    expect(await logIn({ from: BOB })).toBe(401);
  },
);

test.skipIf(!hasAddresses)(
  'the API without CloudFront counts who calls, too (other addresses: Linux)',
  async () => {
    const host = new URL(causeway.outputs['HttpUrl'] as string).host;
    const from = '127.0.0.4';
    for (let attempt = 0; attempt < LOGINS; attempt++)
      expect(await logIn({ from, host, claims: `${claim(attempt)}, ${claim(99)}` })).toBe(401);
    expect(await logIn({ from, host, claims: `${claim(103)}, ${claim(99)}`, key: 'guessed' })).toBe(429);
  },
);

test('nothing that is logged or answered holds the key', () => {
  expect(JSON.stringify(causeway.logs)).not.toContain('x-causeway-edge');
});

function claim(n: number): string {
  return `203.0.113.${n}`;
}

interface Attempt {
  readonly from?: string;
  readonly host?: string;
  readonly claims?: string;
  readonly key?: string;
}

let accounts = 0;

/** The status of a login to an account that does not exist: never the same, so that only the address is counted. */
function logIn({ from, host, claims, key }: Attempt): Promise<number | undefined> {
  const url = new URL('/auth/login', causeway.urls.origin);
  const headers = {
    'content-type': 'application/json',
    ...(host === undefined ? {} : { host }),
    ...(claims === undefined ? {} : { 'x-forwarded-for': claims }),
    ...(key === undefined ? {} : { 'x-causeway-edge': key }),
  };
  const options = {
    method: 'POST',
    headers,
    host: '127.0.0.1',
    ...(from === undefined ? {} : { localAddress: from }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sent.on('error', reject);
    sent.end(JSON.stringify({ email: `nobody-${accounts++}@example.com`, password: 'long enough' }));
  });
}
