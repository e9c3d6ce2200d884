import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { ENV } from '../../lambdas/manifest/environment.ts';
import type { Bundle } from './bundle-functions.ts';

const RUNS = 3;

/** A handler reads its settings while it is imported; these values let it, and are never used. */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  AWS_REGION: 'us-east-1',
  ...Object.fromEntries(Object.values(ENV).map((key) => [key, 'placeholder'])),
  [ENV.nativeCallbackUrl]: 'https://api.execute-api.us-east-1.amazonaws.com/native',
  [ENV.socketIoCallbackUrl]: 'https://api.execute-api.us-east-1.amazonaws.com/socketio',
  [ENV.socketIoOptions]: JSON.stringify({
    heartbeat: { pingIntervalMs: 480_000, pingTimeoutMs: 60_000 },
    limits: { connectTimeoutMs: 45_000, maxPayloadBytes: 1_000_000 },
    cors: { origins: ['*'], credentials: false },
  }),
  [ENV.chat]: JSON.stringify({ namespaces: { '/': ['chats'] } }),
  [ENV.laterQueue]: 'https://sqs.us-east-1.amazonaws.com/123456789012/later',
  [ENV.issuers]: '[]',
  [ENV.corsOrigins]: '["*"]',
  [ENV.throttle]: '{}',
  [ENV.limits]: '{}',
  [ENV.presence]: '{}',
  [ENV.fanOutDirect]: '100',
  [ENV.tokenTtlSeconds]: '3600',
  [ENV.scryptLogN]: '15',
  [ENV.logLevel]: 'info',
};

/**
 * Milliseconds a fresh process takes to import a bundle, the best of three. A figure to compare with another one of the
 * same machine; AWS's own is a multiple of it.
 */
export async function importMs(bundle: Bundle): Promise<number> {
  const url = JSON.stringify(pathToFileURL(join(bundle.directory, 'index.mjs')).href);
  const script = `const t = performance.now(); await import(${url}); console.log(performance.now() - t); process.exit()`;
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, ...PLACEHOLDERS },
    });
    times.push(Number(stdout.trim().split('\n').at(-1)));
  }
  return Math.min(...times);
}
