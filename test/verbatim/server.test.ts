import { once } from 'node:events';

import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { readDocument } from '../../examples/contracts/document.ts';
import { runScript } from '../../examples/contracts/sandbox.ts';
import { startCauseway, type Causeway } from '../support/causeway.ts';
import { backEndToken, writeApplication } from './application.ts';

const { samples } = readDocument('notifications');
const server = samples.filter(({ kind }) => kind === 'server');

let causeway: Causeway;
beforeAll(async () => {
  causeway = await startCauseway({ configFile: await writeApplication() });
});
afterAll(() => causeway?.close());

/** The document's own client. */
async function client(token: string | undefined): Promise<{ socket: Socket; printed: unknown[][] }> {
  const sample = samples.findLast(({ kind }) => kind === 'connection')!;
  const printed: unknown[][] = [];
  const code = sample.code
    .replaceAll('https://backend-url', causeway.urls.origin)
    .replaceAll('"JWT_TOKEN"', JSON.stringify(token) ?? 'undefined');
  const made = await runScript({
    code,
    file: 'notifications.md',
    line: sample.line,
    modules: {
      'socket.io-client': { io: (uri: string, options: object) => io(uri, { ...options, forceNew: true }) },
    },
    globals: { console: { log: (...line: unknown[]) => void printed.push(line) } },
  });
  const socket = made['socket'] as Socket;
  onTestFinished(() => {
    socket.disconnect();
  });
  return { socket, printed };
}

async function enter(id: string, role: string) {
  const entered = await client(backEndToken(id, role));
  await once(entered.socket as never, 'connect');
  return entered;
}

describe('the server code of notifications.md, as the application of a deployment', () => {
  test.each(['freelance', 'company', 'admin'])(
    'places a user of the role %s, and its line reaches them',
    async (role) => {
      const user = await enter(`${role}-1`, role);
      const device = await enter(`${role}-1`, role);
      const other = await enter(`${role}-2`, role);
      const payload = { title: 'Nouvelle mission', for: role };
      const heard = [user, device].map(({ socket }) => once(socket as never, 'notification.new'));
      await other.socket.emitWithAck('something happened', { id: `${role}-1` }, payload);
      expect((await Promise.all(heard)).map(([first]) => first as unknown)).toEqual([payload, payload]);
      await causeway.quiet();
      expect(user.printed).toEqual([['Nouvelle notification reçue :', payload]]);
      expect(other.printed).toEqual([]);
    },
  );

  test.each([
    ['no token', undefined],
    ['a token that is none', 'nonsense'],
    ["another's signature", backEndToken('a', 'admin').replace('a/admin', 'b/admin')],
  ])('disconnects a client with %s at once', async (_what, token) => {
    const { socket } = await client(token);
    const [reason] = (await once(socket as never, 'disconnect')) as [string];
    expect(reason).toBe('io server disconnect');
  });

  test('has every server line that the document shows apart', () => {
    const [example] = server.filter(({ code }) => code.includes('import '));
    const apart = server.filter((sample) => sample !== example && !sample.code.startsWith('io.to('));
    expect(apart).toHaveLength(2);
    for (const { code } of apart) expect(example!.code).toContain(code);
  });
});
