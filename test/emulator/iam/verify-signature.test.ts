import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Caller } from '../../../emulator/iam/credentials.ts';
import { type SignedRequest, verifySignature } from '../../../emulator/iam/verify-signature.ts';

const NOW = Date.UTC(2030, 4, 6, 7, 8, 9);
const CALLER: Caller = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'secret/+key',
  sessionToken: 'token==',
};
const OPERATOR: Caller = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'other' };

/** The hash interface the SDK asks of its runtime. */
class Sha256 {
  readonly #hash: { update(data: Uint8Array): unknown; digest(): Buffer };
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Uint8Array);
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
}

interface Plan {
  readonly path?: string;
  readonly query?: Record<string, string | string[]>;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly service?: string;
  readonly at?: number;
  readonly as?: Caller;
  readonly region?: string;
}

/** Signs with the SDK's signer and puts the request on the wire as the SDK's HTTP handler does. */
async function signed(plan: Plan = {}): Promise<SignedRequest & { headers: Record<string, string> }> {
  const {
    path = '/',
    query = {},
    method = 'POST',
    headers = {},
    body = '{}',
    service = 'dynamodb',
    at = NOW,
    as = CALLER,
    region = 'us-east-1',
  } = plan;
  const signer = new SignatureV4({ service, region, sha256: Sha256, credentials: as });
  const request = {
    method,
    protocol: 'https:',
    hostname: 'host',
    path,
    query,
    headers: { host: 'service.us-east-1.amazonaws.com', ...headers },
    body,
  };
  const { headers: signedHeaders } = await signer.sign(request, { signingDate: new Date(at) });
  const parts = Object.entries(query).flatMap(([key, values]) =>
    [values].flat().map((value) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`),
  );
  return {
    method,
    path: parts.length === 0 ? path : `${path}?${parts.join('&')}`,
    headers: lowerCase(signedHeaders),
    body: Buffer.from(body),
  };
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function verify(request: SignedRequest, now = NOW) {
  const credentials = {
    caller: (id: string) => [CALLER, OPERATOR].find(({ accessKeyId }) => accessKeyId === id),
  };
  return verifySignature(request, { credentials, now, region: 'us-east-1' });
}

describe('a request signed by the SDK', () => {
  it('is accepted and its signer known', async () => {
    expect(verify(await signed())).toEqual({
      kind: 'signed',
      caller: CALLER,
      region: 'us-east-1',
      service: 'dynamodb',
    });
    expect(verify(await signed({ as: OPERATOR }))).toMatchObject({ kind: 'signed', caller: OPERATOR });
  });

  it('is accepted whatever its path, query, headers and body', async () => {
    const segment = fc
      .oneof(fc.string({ minLength: 1 }), fc.string({ unit: 'binary', minLength: 1 }))
      .map(encodeURIComponent);
    const plan = fc.record({
      path: fc
        .array(fc.oneof(segment, fc.constant('@connections'), fc.constant('abc%3D')))
        .map((segments) => `/${segments.join('/')}`),
      query: fc.dictionary(
        // The SDK's signer collects the query in a plain object, which loses this one key.
        fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'),
        fc.oneof(fc.string(), fc.array(fc.string(), { minLength: 1 })),
      ),
      headers: fc.dictionary(
        fc.stringMatching(/^x-[a-z]{3,8}$/),
        fc.string({ unit: fc.constantFrom('a', 'B', ' ', '\t', ',', '=') }),
      ),
      body: fc.string({ unit: 'binary', minLength: 1 }),
      service: fc.constantFrom('dynamodb', 'execute-api', 'secretsmanager'),
    });
    await fc.assert(
      fc.asyncProperty(plan, async (parts) => {
        expect(verify(await signed(parts))).toMatchObject({ kind: 'signed' });
      }),
      { numRuns: 100 },
    );
  });

  it('is refused after any change of what was signed', async () => {
    const changes: ((request: Awaited<ReturnType<typeof signed>>) => SignedRequest)[] = [
      (request) => ({ ...request, method: 'GET' }),
      (request) => ({ ...request, path: '/other' }),
      (request) => ({ ...request, path: `${request.path}?a=b` }),
      (request) => ({ ...request, body: Buffer.from('{"other":1}') }),
      (request) => ({ ...request, headers: { ...request.headers, host: 'elsewhere' } }),
      (request) => ({ ...request, headers: { ...request.headers, 'x-amz-date': '20300506T070808Z' } }),
      (request) => ({
        ...request,
        headers: {
          ...request.headers,
          authorization: (request.headers['authorization'] ?? '').replace(/.$/, (last) =>
            last === '0' ? '1' : '0',
          ),
        },
      }),
    ];
    for (const change of changes) {
      expect(verify(change(await signed()))).toMatchObject({
        kind: 'error',
        code: 'InvalidSignatureException',
        message: expect.stringMatching(
          /^The request signature we calculated does not match the signature you provided\. [\s\S]*The Canonical String for this request should have been\n'POST\n|'GET\n/,
        ),
      });
    }
  });
});

describe('a request to the management API', () => {
  it.each(['/live/@connections/AbC%3D', '/live/%40connections/AbC%3D'])(
    'may spell its path %s',
    async (path) => {
      expect(verify(await signed({ path, service: 'execute-api' }))).toMatchObject({
        kind: 'signed',
        service: 'execute-api',
      });
    },
  );

  it('may be signed with the path encoded once, as API Gateway shows it in its error text', async () => {
    const request = await signed({ path: '/live/@connections/AbC=', service: 'execute-api' });
    expect(verify({ ...request, path: '/live/%40connections/AbC%3D' })).toMatchObject({ kind: 'signed' });
  });
});

describe('a bad signature is refused in the words of AWS', () => {
  it.each<[string, (headers: Record<string, string>) => unknown, string, string]>([
    [
      'an unsigned request',
      (headers) => delete headers['authorization'],
      'MissingAuthenticationTokenException',
      'Missing Authentication Token',
    ],
    [
      'a bearer token',
      (headers) => (headers['authorization'] = 'Bearer x'),
      'MissingAuthenticationTokenException',
      'Missing Authentication Token',
    ],
    [
      'a missing date',
      (headers) => delete headers['x-amz-date'],
      'IncompleteSignatureException',
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256",
    ],
    [
      'a strange date',
      (headers) => (headers['x-amz-date'] = '201'),
      'IncompleteSignatureException',
      "Date must be in ISO-8601 'basic format'. Got '201'.",
    ],
    [
      'a short credential',
      (headers) =>
        (headers['authorization'] = 'AWS4-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=host, Signature=0'),
      'IncompleteSignatureException',
      "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b/c/d'",
    ],
    [
      'another algorithm',
      (headers) => (headers['authorization'] = 'AWS4-HMAC-SHA25 Credential=a'),
      'IncompleteSignatureException',
      "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25' (only AWS4-HMAC-SHA256 for now). ",
    ],
    [
      'a lost session token',
      (headers) => delete headers['x-amz-security-token'],
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    ],
    [
      "another's session token",
      (headers) => (headers['x-amz-security-token'] = 'x'),
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    ],
  ])('%s', async (...[, spoil, code, message]) => {
    const request = await signed();
    spoil(request.headers);
    const verdict = verify(request);
    expect(verdict).toMatchObject({ kind: 'error', code, message: expect.stringContaining(message) });
  });

  it('an unknown key', async () => {
    expect(verify(await signed({ as: { ...OPERATOR, accessKeyId: 'AKIANOBODY' } }))).toMatchObject({
      code: 'UnrecognizedClientException',
    });
  });

  it('a known key with a wrong secret', async () => {
    expect(verify(await signed({ as: { ...CALLER, secretAccessKey: 'guess' } }))).toMatchObject({
      code: 'InvalidSignatureException',
    });
  });

  it('another region', async () => {
    expect(verify(await signed({ region: 'eu-west-1' }))).toMatchObject({
      code: 'InvalidSignatureException',
      message: "Credential should be scoped to a valid region, not 'eu-west-1'. ",
    });
  });

  it('five minutes too old or too new, by the emulated clock', async () => {
    const request = await signed();
    expect(verify(request, NOW + 300_000)).toMatchObject({ kind: 'signed' });
    expect(verify(request, NOW - 300_000)).toMatchObject({ kind: 'signed' });
    expect(verify(request, NOW + 301_000)).toMatchObject({
      code: 'InvalidSignatureException',
      message:
        'Signature expired: 20300506T070809Z is now earlier than 20300506T070810Z (20300506T071310Z - 5 min.)',
    });
    expect(verify(request, NOW - 301_000)).toMatchObject({
      message:
        'Signature not yet current: 20300506T070809Z is still later than 20300506T070808Z (20300506T070308Z + 5 min.)',
    });
  });

  it('never repeats the signature it was given', async () => {
    const request = await signed();
    delete request.headers['x-amz-date'];
    expect(JSON.stringify(verify(request))).not.toContain(
      /Signature=(\w+)/.exec(request.headers['authorization'] ?? '')?.[1],
    );
  });
});
