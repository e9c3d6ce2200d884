/**
 * Verifies Signature Version 4, which libraries only ever create. Errors are worded as AWS words them
 * (IAM User Guide, "Troubleshoot Signature Version 4 requests").
 */
import { createHash, createHmac } from 'node:crypto';
import { canonicalPaths, canonicalRequest } from './canonical-request.ts';
import type { Caller, Credentials } from './credentials.ts';

export interface SignedRequest {
  readonly method: string;
  /** Raw path and query as sent. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

export interface Signer {
  readonly kind: 'signed';
  readonly caller: Caller;
  readonly region: string;
  readonly service: string;
}

export interface SignatureError {
  readonly kind: 'error';
  readonly code:
    | 'MissingAuthenticationTokenException'
    | 'IncompleteSignatureException'
    | 'InvalidSignatureException'
    | 'UnrecognizedClientException';
  readonly message: string;
}

export interface Verification {
  readonly credentials: Pick<Credentials, 'caller'>;
  /** Emulated time in milliseconds. */
  readonly now: number;
  readonly region: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
/** "Requests must be received within five minutes of the time stamp". */
const TOLERANCE_MS = 5 * 60_000;

export function verifySignature(request: SignedRequest, verification: Verification): Signer | SignatureError {
  const authorization = parse(request);
  if (authorization.kind === 'error') return authorization;
  const timing = checkTime(authorization, verification.now) ?? checkScope(authorization, verification.region);
  if (timing !== undefined) return timing;
  const caller = verification.credentials.caller(authorization.accessKeyId);
  // The token is checked with the key: temporary keys without their token are as unknown as made-up ones.
  if (caller === undefined || caller.sessionToken !== request.headers['x-amz-security-token']) {
    return failure('UnrecognizedClientException', 'The security token included in the request is invalid.');
  }
  return checkSignature(request, authorization, caller);
}

interface Authorization {
  readonly kind: 'authorization';
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly terminator: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly timestamp: string;
}

function parse({ headers }: SignedRequest): Authorization | SignatureError {
  const header = headers['authorization'];
  if (header === undefined || !header.startsWith('AWS4-'))
    return failure('MissingAuthenticationTokenException', 'Missing Authentication Token');
  if (!header.startsWith(`${ALGORITHM} `)) {
    return failure(
      'IncompleteSignatureException',
      `Unsupported AWS 'algorithm': '${header.split(' ')[0]}' (only ${ALGORITHM} for now). `,
    );
  }
  return parseFields(header, headers['x-amz-date']);
}

function parseFields(header: string, timestamp: string | undefined): Authorization | SignatureError {
  const fields = new Map<string, string>();
  for (const [, name = '', value = ''] of header.slice(ALGORITHM.length).matchAll(/\s*(\w+)=([^,\s]*),?/g)) {
    fields.set(name, value);
  }
  const faults = ['Credential', 'Signature', 'SignedHeaders']
    .filter((name) => !fields.get(name))
    .map((name) => `Authorization header requires '${name}' parameter. `);
  if (timestamp === undefined) {
    faults.push(`Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. `);
  }
  if (faults.length > 0 || timestamp === undefined) {
    return failure('IncompleteSignatureException', `${faults.join('')}Authorization=${redact(header)}`);
  }
  const credential = fields.get('Credential') ?? '';
  const [accessKeyId = '', date = '', region = '', service = '', terminator, ...more] = credential.split('/');
  if (terminator === undefined || more.length > 0) {
    const expected = 'exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term';
    return failure('IncompleteSignatureException', `Credential must have ${expected}, got '${credential}'`);
  }
  const signedHeaders = (fields.get('SignedHeaders') ?? '').toLowerCase().split(';');
  const signature = fields.get('Signature') ?? '';
  return {
    kind: 'authorization',
    accessKeyId,
    date,
    region,
    service,
    terminator,
    signedHeaders,
    signature,
    timestamp,
  };
}

function checkTime({ timestamp, date }: Authorization, now: number): SignatureError | undefined {
  const signed = parseTimestamp(timestamp);
  if (signed === undefined) {
    return failure(
      'IncompleteSignatureException',
      `Date must be in ISO-8601 'basic format'. Got '${timestamp}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    );
  }
  if (signed < now - TOLERANCE_MS) {
    const limits = `${formatTimestamp(now - TOLERANCE_MS)} (${formatTimestamp(now)} - 5 min.)`;
    return failure(
      'InvalidSignatureException',
      `Signature expired: ${timestamp} is now earlier than ${limits}`,
    );
  }
  if (signed > now + TOLERANCE_MS) {
    const limits = `${formatTimestamp(now + TOLERANCE_MS)} (${formatTimestamp(now)} + 5 min.)`;
    return failure(
      'InvalidSignatureException',
      `Signature not yet current: ${timestamp} is still later than ${limits}`,
    );
  }
  if (timestamp.startsWith(date) && date.length === 8) return undefined;
  return failure(
    'InvalidSignatureException',
    `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${timestamp.slice(0, 8)}', from '${timestamp}'.`,
  );
}

function checkScope(
  { region, terminator, signedHeaders }: Authorization,
  expectedRegion: string,
): SignatureError | undefined {
  if (!signedHeaders.includes('host'))
    return failure('InvalidSignatureException', "'Host' must be a 'SignedHeader' in the AWS Authorization.");
  const faults = [
    region === expectedRegion ? '' : `Credential should be scoped to a valid region, not '${region}'. `,
    terminator === 'aws4_request'
      ? ''
      : `Credential should be scoped with a valid terminator: 'aws4_request', not '${terminator}'. `,
  ].join('');
  return faults === '' ? undefined : failure('InvalidSignatureException', faults);
}

function checkSignature(
  request: SignedRequest,
  authorization: Authorization,
  caller: Caller,
): Signer | SignatureError {
  const { date, region, service, signedHeaders, timestamp } = authorization;
  const payloadHash = sha256(request.body);
  const declaredHash = request.headers['x-amz-content-sha256'];
  const parts = {
    ...request,
    signedHeaders,
    payloadHash: declaredHash === 'UNSIGNED-PAYLOAD' ? declaredHash : payloadHash,
  };
  const key = signingKey(caller, { date, region, service });
  let expected = '';
  for (const path of canonicalPaths(request.path)) {
    const canonical = canonicalRequest(parts, path);
    const toSign = `${ALGORITHM}\n${timestamp}\n${date}/${region}/${service}/aws4_request\n${sha256(canonical)}`;
    if (createHmac('sha256', key).update(toSign).digest('hex') === authorization.signature)
      return { kind: 'signed', caller, region, service };
    expected ||= `The Canonical String for this request should have been\n'${canonical}'\n\nThe String-to-Sign should have been\n'${toSign}'\n`;
  }
  return failure(
    'InvalidSignatureException',
    `The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\n${expected}`,
  );
}

/** Deriving a key takes four HMACs; it stays the same for a day. */
const signingKeys = new Map<string, Buffer>();
const MAX_SIGNING_KEYS = 1000;

function signingKey(
  { secretAccessKey }: Caller,
  { date, region, service }: { date: string; region: string; service: string },
): Buffer {
  const id = `${secretAccessKey}/${date}/${region}/${service}`;
  const known = signingKeys.get(id);
  if (known !== undefined) return known;
  let key: Buffer = Buffer.from(`AWS4${secretAccessKey}`);
  for (const part of [date, region, service, 'aws4_request'])
    key = createHmac('sha256', key).update(part).digest();
  if (signingKeys.size >= MAX_SIGNING_KEYS) signingKeys.clear();
  signingKeys.set(id, key);
  return key;
}

function parseTimestamp(text: string): number | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  return year === undefined ? undefined : Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function formatTimestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** The signature would be good for five minutes: it has no place in an answer or a log. */
function redact(header: string): string {
  return header.replace(/Signature=[^,\s]*/, 'Signature=…');
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function failure(code: SignatureError['code'], message: string): SignatureError {
  return { kind: 'error', code, message };
}
