import { describe, expect, test } from 'vitest';

import { handleCommand } from '../../lambdas/app/handle-command.ts';
import type { Command } from '../../lambdas/domain/commands.ts';
import {
  actor,
  arrival,
  createWorld,
  HOUR,
  idAt,
  NOW,
  ROOM,
  send,
  withLiveRoom,
  type World,
} from '../support/fakes/world.ts';

const anna = actor('anna');
const COMMANDS: readonly [string, Command][] = [
  ['room.joined', { kind: 'room.join', roomId: ROOM }],
  ['room.left', { kind: 'room.leave', roomId: ROOM }],
  ['message.created', send()],
  ['typing.changed', { kind: 'typing.set', roomId: ROOM, isTyping: false }],
  ['message.read', { kind: 'message.read', roomId: ROOM, messageId: idAt(0) }],
  ['history', { kind: 'history.read', roomId: ROOM, limit: 1 }],
  ['resumed', { kind: 'session.resume', roomIds: [ROOM] }],
  ['pong', { kind: 'ping' }],
];

async function liveWorld(): Promise<World> {
  const world = createWorld();
  await withLiveRoom(world, ['anna', 'ben']);
  return world;
}

describe('handling a command', () => {
  test.each(COMMANDS)('answers with %s', async (kind, command) => {
    expect(
      await handleCommand(await liveWorld(), { actor: anna, arrival: arrival(), command }),
    ).toMatchObject({ kind });
  });

  test.each(COMMANDS)('of a client whose token ran out is refused (%s)', async (_, command) => {
    const world = await liveWorld();
    const late = arrival({ at: NOW + HOUR + 30_001 });
    await expect(handleCommand(world, { actor: anna, arrival: late, command })).rejects.toMatchObject({
      code: 'token_expired',
    });
    expect(world.gateway.posts).toEqual([]);
  });

  test('the caller’s own connection gets the answer and no post', async () => {
    for (const [, command] of COMMANDS) {
      const world = await liveWorld();
      await handleCommand(world, { actor: anna, arrival: arrival(), command });
      expect(world.gateway.reached()).not.toContain(anna.connectionId);
    }
  });

  test('who joins learns from when on the room is heard', async () => {
    const command: Command = { kind: 'room.join', roomId: ROOM };
    const reply = await handleCommand(await liveWorld(), { actor: anna, arrival: arrival(), command });
    expect(reply).toEqual({ kind: 'room.joined', roomId: ROOM, userId: anna.id, at: NOW });
  });

  test('a ping tells when it arrived', async () => {
    const reply = await handleCommand(createWorld(), {
      actor: anna,
      arrival: arrival(),
      command: { kind: 'ping' },
    });
    expect(reply).toEqual({ kind: 'pong', at: NOW });
  });
});
