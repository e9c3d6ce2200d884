import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { OPERATOR_CREDENTIALS, startEmulator } from '../../../emulator/index.ts';
import type { Emulator, EmulatorLogEntry, EmulatorOptions } from '../../../emulator/types.ts';

export const GATEWAY = fileURLToPath(new URL('../../fixtures/apigateway/', import.meta.url));
/** MOCK $connect, CloudFront in front of both kinds of API, a schedule. */
export const DOORBELL = fileURLToPath(new URL('../../fixtures/doorbell/', import.meta.url));

/** What a function was called with; members that the kind of event doesn't have are missing at run time. */
export interface Seen {
  readonly type?: string;
  readonly version?: string;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly headers: Record<string, string>;
  readonly multiValueHeaders: Record<string, string[]>;
  readonly queryStringParameters?: Record<string, string>;
  readonly multiValueQueryStringParameters?: Record<string, string[]>;
  readonly rawQueryString: string;
  readonly routeKey?: string;
  readonly requestContext: {
    readonly routeKey: string;
    readonly eventType: string;
    readonly connectionId: string;
    readonly requestId: string;
    readonly messageId: string;
    readonly requestTime: string;
    readonly domainName: string;
    readonly apiId: string;
    readonly identity: Record<string, string>;
    readonly authorizer?: Record<string, unknown>;
    readonly disconnectStatusCode?: number;
    readonly disconnectReason?: string;
    readonly http?: Record<string, string>;
  };
  /** Of a schedule's input in the doorbell fixture, and the function's own time. */
  readonly chime?: string;
  readonly now?: number;
}
export interface Template {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
}

export interface Sandbox {
  readonly emulator: Emulator;
  readonly logs: readonly EmulatorLogEntry[];
  /** ws://localhost:port/<path> */
  url(path: string): string;
  /** The first event a function was called with that matches, from now or before. */
  seen(match: (event: Seen) => boolean): Promise<Seen>;
  /** How many such events there have been. */
  count(match: (event: Seen) => boolean): number;
  /** A real SDK client of the management API; by default of API `open`, stage `live`. */
  management(stage?: string): ApiGatewayManagementApiClient;
  close(): Promise<void>;
}

/** The emulator on a fixture's template, or on a changed copy of it. */
export async function startSandbox(
  options: Partial<EmulatorOptions> = {},
  change?: (template: Template) => void,
  fixture = GATEWAY,
): Promise<Sandbox> {
  const assembly = change ? await changed(change, fixture) : fixture;
  const logs: EmulatorLogEntry[] = [];
  const events: Seen[] = [];
  const waiting = new Set<() => void>();
  const log = (entry: EmulatorLogEntry) => {
    logs.push(entry);
    const event = entry.fields?.['seen'];
    if (event !== undefined) events.push(event as Seen);
    waiting.forEach((look) => look());
  };
  const emulator = await startEmulator({ assembly, port: 0, log, ...options });
  const clients: ApiGatewayManagementApiClient[] = [];
  return {
    emulator,
    logs,
    url: (path) => `${emulator.urls.origin.replace('http', 'ws')}/${path}`,
    count: (match) => events.filter(match).length,
    seen: (match) =>
      new Promise((resolve) => {
        const look = () => {
          const found = events.find(match);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    management: (stage = 'live') => {
      const endpoint = `${emulator.awsEndpoint}/${stage}`;
      const systemClockOffset = emulator.clock.now() - Date.now(); // signatures are checked against the emulated time
      const client = new ApiGatewayManagementApiClient({
        endpoint,
        region: 'us-east-1',
        credentials: OPERATOR_CREDENTIALS,
        maxAttempts: 1,
        systemClockOffset,
      });
      clients.push(client);
      return client;
    },
    async close() {
      for (const client of clients) client.destroy();
      await emulator.close();
      if (change) await rm(assembly, { recursive: true, force: true });
    },
  };
}

async function changed(change: (template: Template) => void, fixture: string): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'gateway-'));
  await cp(fixture, copy, { recursive: true });
  const names = await readdir(copy);
  const file = join(copy, names.find((name) => name.endsWith('.template.json')) ?? '');
  const template = JSON.parse(await readFile(file, 'utf8')) as Template;
  change(template);
  await writeFile(file, JSON.stringify(template));
  return copy;
}
