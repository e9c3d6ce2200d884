import { extname } from 'node:path';

/** What the AWS CLI, which Custom::CDKBucketDeployment runs, guesses from a name: Python's `mimetypes`, without a charset. */
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.gif': 'image/gif',
  '.htm': 'text/html',
  '.html': 'text/html',
  '.ico': 'image/vnd.microsoft.icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.map': 'binary/octet-stream',
  '.md': 'text/markdown',
  '.mjs': 'text/javascript',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.xml': 'text/xml',
};

/** S3 stores what is put without a type as this (Amazon S3 User Guide, "System-defined object metadata"). */
const UNKNOWN = 'binary/octet-stream';

export function contentTypeOf(key: string): string {
  return TYPES[extname(key).toLowerCase()] ?? UNKNOWN;
}
