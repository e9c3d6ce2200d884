import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { OPERATOR_CREDENTIALS } from '../../emulator/index.ts';
import type { Emulator } from '../../emulator/types.ts';

interface PutEventsAnswer {
  readonly FailedEntryCount: number;
  readonly Entries: readonly { readonly EventId?: string; readonly ErrorCode?: string }[];
}

class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;
  constructor(secret?: Parameters<typeof createHmac>[1]) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  }
  update(data: Parameters<ReturnType<typeof createHash>['update']>[0]): void {
    this.#hash.update(data);
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
}

/** EventBridge's PutEvents, signed by the operator, without another SDK client. Rejects with the name of the error. */
export async function putEvents(
  { awsEndpoint, clock }: Pick<Emulator, 'awsEndpoint' | 'clock'>,
  entries: readonly object[],
): Promise<PutEventsAnswer> {
  const body = JSON.stringify({ Entries: entries });
  const signer = new SignatureV4({
    service: 'events',
    region: 'us-east-1',
    credentials: OPERATOR_CREDENTIALS,
    sha256: Sha256 as never,
  });
  const { host, hostname, port } = new URL(awsEndpoint);
  const request = {
    method: 'POST',
    protocol: 'http:',
    hostname,
    port: Number(port),
    path: '/',
    query: {},
    headers: {
      host,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSEvents.PutEvents',
    },
    body,
  };
  const { headers } = await signer.sign(request, { signingDate: new Date(clock.now()) });
  const response = await fetch(awsEndpoint, { method: 'POST', headers, body });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text) as PutEventsAnswer;
}
