import type { Bridge } from '../../../compat/index.ts';
import type { ProxyResponse } from '../native/events.ts';
import type { HttpEvent } from './events.ts';
import { pollRequest } from './request.ts';

interface Deps {
  readonly bridge: Bridge;
  readonly edgeKey: string;
}

export async function servePoll({ bridge, edgeKey }: Deps, event: HttpEvent): Promise<ProxyResponse> {
  const { status, headers, body } = await bridge.poll(pollRequest(event, edgeKey));
  return { statusCode: status, headers, body };
}
