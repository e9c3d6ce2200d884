import { createHmac } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { readDocument } from '../../examples/contracts/document.ts';
import { ROOT } from '../support/causeway.ts';

const SECRET = 'the back end that the document was written for';
/** Inside the working tree, where the packages are found; ignored by git. */
const DIRECTORY = '.causeway/verbatim';

/**
 * The back end that notifications.md takes for granted, around its server code as it stands there: `../server` exports `io`,
 * `../utils/utils` knows tokens. Answers the configuration's file.
 */
export async function writeApplication(): Promise<string> {
  const { samples } = readDocument('notifications');
  const server = samples.filter(({ kind }) => kind === 'server').map(({ code }) => code);
  const listener = server.find((code) => code.includes('io.on("connection"'));
  const push = server.find((code) => code.startsWith('io.to('));
  if (listener === undefined || push === undefined) throw new Error('notifications.md shows no server code');
  const files: Readonly<Record<string, string>> = {
    'causeway.config.ts': `export default ${JSON.stringify({ name: 'causeway-verbatim', app: './app.ts' })};\n`,
    'app.ts':
      "import './sockets/notifications.ts';\nimport './sockets/push.ts';\nexport { io as default } from './server.ts';\n",
    'server.ts': "import { Server } from 'socket.io';\nexport const io = new Server();\n",
    'sockets/notifications.ts': listener,
    // The line of the document, where a back end would have it: something happens, and a user is told.
    'sockets/push.ts': `import { io } from '../server';
io.on('connection', (socket) => {
  socket.on('something happened', (user, notificationPayload, done) => {
    ${push}
    done();
  });
});\n`,
    'utils/utils.ts': `import { createHmac } from 'node:crypto';
export function verifyUserToken(token) {
  const [id, role, signature] = String(token).split('/');
  const expected = createHmac('sha256', ${JSON.stringify(SECRET)}).update(id + role).digest('hex');
  return signature === expected ? { user: { id }, role } : {};
}\n`,
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(ROOT, DIRECTORY, name);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, text);
  }
  return `${DIRECTORY}/causeway.config.ts`;
}

/** A token as that back end takes it. */
export function backEndToken(id: string, role: string): string {
  return `${id}/${role}/${createHmac('sha256', SECRET)
    .update(id + role)
    .digest('hex')}`;
}
