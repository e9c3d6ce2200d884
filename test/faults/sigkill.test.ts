import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NativeClient } from '../support/native-client.ts';
import { startCommand } from '../support/process.ts';
import { TEST_CONFIG } from '../support/causeway.ts';
import { createRoom, register, rest } from '../support/rest-client.ts';

const SENDERS = 4;
const ACKNOWLEDGED_BEFORE_KILL = 150;

test('SIGKILL in the middle of a load loses no acknowledged message', async () => {
  const data = await mkdtemp(join(tmpdir(), 'causeway-data-'));
  const args = ['--config', TEST_CONFIG, '--data', data];
  try {
    const first = await startCommand(args);
    const alice = await register(first.origin, 'alice');
    const roomId = await createRoom(first.origin, alice, []);
    const acknowledged = new Set<string>();
    await loadUntilKilled(first, { token: alice.token, roomId, acknowledged });

    const second = await startCommand(args);
    // The same token still holds: the signing secret is kept with the data.
    const stored = await wholeHistory(second.origin, alice.token, roomId);
    await second.stop('SIGTERM');

    expect(acknowledged.size).toBeGreaterThanOrEqual(ACKNOWLEDGED_BEFORE_KILL);
    expect([...acknowledged].filter((id) => !stored.has(id))).toEqual([]);
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}, 180_000);

async function loadUntilKilled(
  running: Awaited<ReturnType<typeof startCommand>>,
  load: { token: string; roomId: string; acknowledged: Set<string> },
): Promise<void> {
  const clients = await Promise.all(
    Array.from({ length: SENDERS }, () => NativeClient.connect(`${running.native}?token=${load.token}`)),
  );
  let killed: Promise<unknown> | undefined;
  await Promise.all(
    clients.map(async (client, sender) => {
      client.socket.on('error', () => {}); // the kill resets the connection
      for (let n = 0; killed === undefined; n++) {
        const answer = await Promise.race([
          client.request({ action: 'send', roomId: load.roomId, content: `${sender}-${n}` }),
          client.closed,
        ]);
        if (!('message' in answer)) return;
        load.acknowledged.add((answer['message'] as { id: string }).id);
        if (load.acknowledged.size === ACKNOWLEDGED_BEFORE_KILL) killed = running.stop('SIGKILL');
      }
    }),
  );
  await killed;
}

async function wholeHistory(origin: string, token: string, roomId: string): Promise<Set<string>> {
  const ids = new Set<string>();
  let before: string | undefined;
  do {
    const cursor = before === undefined ? '' : `&before=${before}`;
    const page = await rest(origin, { path: `/chat/rooms/${roomId}/messages?limit=100${cursor}`, token });
    for (const message of page.body.messages as { id: string }[]) ids.add(message.id);
    before = page.body.nextCursor;
  } while (before !== undefined);
  return ids;
}
