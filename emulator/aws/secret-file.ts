/** Generated secrets kept in the data directory, so that tokens issued before a restart stay valid after it. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Secret } from './secrets-manager.ts';

const FILE = 'secrets.json';

/** By ARN. */
export function loadSecretFile(dataDir: string | undefined): ReadonlyMap<string, Secret> {
  if (dataDir === undefined || !existsSync(join(dataDir, FILE))) return new Map();
  const secrets = JSON.parse(readFileSync(join(dataDir, FILE), 'utf8')) as readonly Secret[];
  return new Map(secrets.map((secret) => [secret.arn, secret]));
}

/** Written aside and renamed: a process killed in the middle leaves the old file or the new one, never half of one. */
export function saveSecretFile(dataDir: string | undefined, secrets: readonly Secret[]): void {
  if (dataDir === undefined) return;
  mkdirSync(dataDir, { recursive: true });
  const temporary = join(dataDir, `${FILE}.${process.pid}.tmp`);
  const file = openSync(temporary, 'w', 0o600);
  writeSync(file, JSON.stringify(secrets, null, 2));
  fsyncSync(file);
  closeSync(file);
  renameSync(temporary, join(dataDir, FILE));
}
