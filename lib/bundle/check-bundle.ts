import { SOCKETIO_SERVERS, type FunctionName } from '../../lambdas/manifest/routes.ts';
import type { Bundle } from './bundle-functions.ts';
import ceilings from './ceilings.json' with { type: 'json' };
import { packageOf } from './package-bytes.ts';

/** Bytes a function may weigh: a cold start reads all of them. */
export const CEILINGS: Readonly<Record<FunctionName, number>> = ceilings.bytes;

/** What no function may carry, by what it is: module paths relative to the repository. */
const FORBIDDEN: Readonly<Record<string, RegExp>> = {
  'the CDK': /node_modules\/(aws-cdk-lib|constructs|aws-cdk|cdk-nag)\//,
  'the HTTP side of Socket.IO':
    /node_modules\/(engine\.io|ws|accepts|mime-db|mime-types|negotiator|cors|debug)\//,
  'a CommonJS build of an SDK package': /node_modules\/@(aws-sdk|smithy)\/.*\/dist-cjs\//,
  'credential sources Lambda has no use for':
    /node_modules\/@aws-sdk\/(credential-provider|token-providers|nested-clients)/,
  'infrastructure, the emulator or tests':
    /^(lib\/(?!bundle\/(lambda-credentials\.ts|endpoint-discovery\.ts|stand-ins\/))|bin|emulator|test|bench)/,
};

/** The server is for those who run the application; everybody else needs its parser at most. */
const SERVER = /node_modules\/(socket\.io|socket\.io-adapter)\//;

/** What is wrong with a bundle, a line each; empty when all is well. */
export function findings(bundle: Bundle): readonly string[] {
  return [...tooHeavy(bundle), ...forbidden(bundle), ...twice(bundle)].map(
    (finding) => `${bundle.name}: ${finding}`,
  );
}

function tooHeavy({ name, bytes }: Bundle): readonly string[] {
  const ceiling = CEILINGS[name as FunctionName];
  return bytes > ceiling ? [`${bytes} bytes, and its ceiling is ${ceiling}`] : [];
}

function forbidden({ name, inputs }: Bundle): readonly string[] {
  const rules = SOCKETIO_SERVERS.includes(name as FunctionName)
    ? FORBIDDEN
    : { ...FORBIDDEN, 'the Socket.IO server': SERVER };
  return Object.entries(rules).flatMap(([what, pattern]) => {
    const found = inputs.find(({ path }) => pattern.test(path));
    return found === undefined ? [] : [`holds ${what}: ${found.path}`];
  });
}

/** A package that comes from two places comes twice. */
function twice({ inputs }: Bundle): readonly string[] {
  const places = new Map<string, Set<string>>();
  for (const { path } of inputs) {
    const root = path.slice(0, path.lastIndexOf('node_modules/') + 1);
    if (root === '') continue;
    const name = packageOf(path);
    places.set(name, (places.get(name) ?? new Set()).add(root));
  }
  return [...places]
    .filter(([, roots]) => roots.size > 1)
    .map(([name, roots]) => `holds ${name} ${roots.size} times`);
}
