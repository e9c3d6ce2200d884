import { describe, expect, test } from 'vitest';

import { findFault } from '../../lambdas/domain/command-rules.ts';
import type { Command } from '../../lambdas/domain/commands.ts';
import type { MessageType } from '../../lambdas/domain/entities.ts';
import { idAt, OTHER_ROOM, ROOM, send } from '../support/fakes/world.ts';

const history = (over: object = {}): Command => ({ kind: 'history.read', roomId: ROOM, limit: 50, ...over });

const SOUND: readonly Command[] = [
  send(),
  send({ content: ' ', messageType: 'file', replyTo: idAt(0), context: { a: [1] } }),
  history(),
  history({ limit: 1, before: idAt(0) }),
  history({ limit: 100 }),
  { kind: 'message.read', roomId: ROOM, messageId: idAt(0) },
  { kind: 'room.join', roomId: ROOM },
  { kind: 'room.leave', roomId: ROOM },
  { kind: 'typing.set', roomId: ROOM, isTyping: true },
  { kind: 'ping' },
];

const FAULTY: readonly [field: string, Command][] = [
  ['content', send({ content: '' })],
  ['content', send({ content: 'x'.repeat(10_001) })],
  ['messageType', send({ messageType: 'video' as MessageType })],
  ['context', send({ context: { text: 'x'.repeat(8 * 1024) } })],
  ['replyTo', send({ replyTo: idAt(0, OTHER_ROOM) })],
  ['before', history({ before: idAt(0, OTHER_ROOM) })],
  ['limit', history({ limit: 0 })],
  ['limit', history({ limit: 101 })],
  ['limit', history({ limit: 1.5 })],
  ['messageId', { kind: 'message.read', roomId: ROOM, messageId: idAt(0, OTHER_ROOM) }],
];

describe('a command', () => {
  test.each(SOUND)('$kind may be executed', (command) => {
    expect(findFault(command)).toBeUndefined();
  });

  test.each(FAULTY)('with a wrong %s is refused by that name', (field, command) => {
    expect(findFault(command)).toMatchObject({ code: 'invalid_field', field });
    expect(findFault(command)?.message).toMatch(new RegExp(`^${field} must .*\\.$`));
  });
});
