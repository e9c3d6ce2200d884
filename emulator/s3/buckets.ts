/** Buckets of the template as origins of CloudFront: GET and HEAD of what a deployment has put into them ("REST API"). */
import { createHash, randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { HttpAnswer } from '../apigateway/http/response.ts';
import type { Stack } from '../types.ts';
import { bucketPolicy, type MayAccess, type Reader } from './bucket-policy.ts';
import { objectsOf, type StoredObject } from './deployments.ts';

export interface ObjectRequest {
  /** Host name of the bucket's endpoint. */
  readonly host: string;
  /** As sent, encoded, without the query. */
  readonly path: string;
  readonly ifNoneMatch?: string | undefined;
  readonly reader: Reader;
}

interface Bucket {
  readonly arn: string;
  readonly objects: ReadonlyMap<string, StoredObject>;
  readonly mayAccess: MayAccess;
}

export class Buckets {
  readonly #buckets: ReadonlyMap<string, Bucket>;

  constructor(stack: Stack) {
    this.#buckets = new Map(
      stack.ofType('AWS::S3::Bucket').flatMap((resource) =>
        hostsOf(stack, resource.ref).map((host) => [
          host,
          {
            arn: String(resource.arn),
            objects: objectsOf(stack, resource.ref),
            mayAccess: bucketPolicy(stack, resource.ref),
          },
        ]),
      ),
    );
  }

  /** Whether the host name is that of a bucket of the template. */
  has(host: string): boolean {
    return this.#buckets.has(host);
  }

  async answer({ host, path, ifNoneMatch, reader }: ObjectRequest): Promise<HttpAnswer> {
    const bucket = this.#buckets.get(host);
    const key = decoded(path.slice(1));
    if (bucket === undefined || key === undefined)
      return failure(400, 'InvalidURI', "Couldn't parse the specified URI.");
    if (!bucket.mayAccess(reader, 's3:GetObject', `${bucket.arn}/${key}`)) return denied();
    const object = bucket.objects.get(key);
    if (object !== undefined) return found(object, ifNoneMatch);
    // "If you don't have the s3:ListBucket permission, Amazon S3 returns an HTTP status code 403" (API Reference, GetObject).
    return bucket.mayAccess(reader, 's3:ListBucket', bucket.arn)
      ? failure(404, 'NoSuchKey', 'The specified key does not exist.')
      : denied();
  }
}

/** Both forms of the endpoint ("Virtual hosting of buckets"). */
function hostsOf({ region }: Stack, name: string): readonly string[] {
  return [`${name}.s3.${region}.amazonaws.com`, `${name}.s3.amazonaws.com`];
}

function decoded(key: string): string | undefined {
  try {
    return decodeURIComponent(key);
  } catch {
    return undefined;
  }
}

async function found({ path, headers }: StoredObject, ifNoneMatch: string | undefined): Promise<HttpAnswer> {
  const [body, { mtime }] = await Promise.all([readFile(path), stat(path)]);
  // "For objects created by PUT … encrypted by SSE-S3 the ETag is an MD5 digest of the data" (Common Response Headers).
  const etag = `"${createHash('md5').update(body).digest('hex')}"`;
  const isKnown = ifNoneMatch?.split(',').some((known) => known.trim().replace(/^W\//, '') === etag) === true;
  const { 'content-type': type, ...rest } = headers;
  const common = { ...identifiers(), ...rest, etag, 'last-modified': mtime.toUTCString() };
  if (isKnown) return { status: 304, headers: common, cookies: [], body: Buffer.alloc(0) };
  const ofTheBody = { 'content-type': type ?? '', 'accept-ranges': 'bytes' };
  return { status: 200, headers: { ...common, ...ofTheBody }, cookies: [], body };
}

function failure(status: number, code: string, message: string): HttpAnswer {
  const ids = identifiers();
  const body = `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>${code}</Code><Message>${message}</Message><RequestId>${ids['x-amz-request-id']}</RequestId><HostId>${ids['x-amz-id-2']}</HostId></Error>`;
  const headers = { ...ids, 'content-type': 'application/xml' };
  return { status, headers, cookies: [], body: Buffer.from(body) };
}

function denied(): HttpAnswer {
  return failure(403, 'AccessDenied', 'Access Denied');
}

function identifiers() {
  return {
    server: 'AmazonS3',
    'x-amz-request-id': randomBytes(8).toString('hex').toUpperCase(),
    'x-amz-id-2': randomBytes(56).toString('base64'),
  };
}
