import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';

import { createVocabulary, type Dialect } from '../../../compat/dialects/index.ts';
import { dialects } from '../../../compat/dialects/dialects.ts';
import { wordOf } from '../../../compat/dialects/word-of.ts';
import { DIALECTS } from '../../../lambdas/manifest/dialects.ts';
import { readContract } from './contract.ts';
import { OCCURRENCES } from './occurrences.ts';
import { differences, readShape, shapeOf, undocumented } from './shape.ts';

const schemaOf = (schema: v.GenericSchema, typeMode: 'input' | 'output') =>
  shapeOf(toJsonSchema(schema, { typeMode, errorMode: 'ignore' }) as never);
const received = (dialect: Dialect, event: string) => {
  const word = dialect.receives[event];
  if (word === undefined) throw new Error(`${dialect.id} does not receive ${event}`);
  return schemaOf(word.payload, 'input');
};
const sent = (dialect: Dialect, event: string) => {
  const word = dialect.sends[event];
  if (word === undefined) throw new Error(`${dialect.id} does not send ${event}`);
  return schemaOf(word.payload, 'output');
};

/** Words that the specification adds to what a document says, because something else in it needs them. */
const ADDED: Readonly<Record<string, readonly string[]>> = {
  // “emit an error on protected events” stands in the text only.
  rooms: ['error'],
  // “Ajouter des événements pour marquer les notifications comme lues” is the document's own outlook.
  notifications: ['notification.read', 'error'],
};

test.each(DIALECTS)('%s: the table is registered under its name and names its document', (id) => {
  expect(dialects[id].id).toBe(id);
  expect(dialects[id].document).toBe(`docs/contracts/${id}.md`);
  expect(readContract(dialects[id].document).text).toContain(`# ${dialects[id].title}\n`);
});

describe.each(DIALECTS)('the samples of %s', (id) => {
  const dialect: Dialect = dialects[id];
  const { text, emits, listens } = readContract(dialect.document);

  test('emit what the table receives, with fields it knows', () => {
    for (const { event, argument } of emits) {
      expect(differences(readShape(argument), received(dialect, event)), event).toEqual([]);
    }
    expect(emits.length > 0).toBe(id !== 'fama' && id !== 'notifications');
  });

  test('listen for what the table sends, and read fields that are always there', () => {
    expect(listens.length).toBeGreaterThan(0);
    for (const { event, reads } of listens) {
      const shape = sent(dialect, event);
      for (const path of reads) {
        const [name = '', inner] = path.split('.');
        const field = typeof shape === 'object' ? shape[name] : undefined;
        expect(field, `${event}: ${path}`).toMatchObject({ optional: false });
        if (inner !== undefined && typeof field?.shape === 'object') {
          expect(field.shape[inner], `${event}: ${path}`).toMatchObject({ optional: false });
        }
      }
    }
  });

  test('name every event of the table', () => {
    const { receives, sends, reserved = {} } = dialect;
    const events = [...Object.keys(receives), ...Object.keys(sends), ...Object.keys(reserved)];
    const unnamed = events.filter((event) => !new RegExp(`[\`'"]${event}[\`'"]`).test(text));
    expect(new Set(unnamed)).toEqual(new Set(ADDED[id] ?? []));
  });

  test('get what the schemas say, whatever happens', () => {
    for (const occurrence of OCCURRENCES) {
      const [event, payload] = wordOf(dialect, occurrence) ?? [];
      if (event === undefined) continue;
      const schema = dialect.sends[event]?.payload as v.GenericSchema;
      // Strict: a field that the schema does not know would be lost.
      expect(v.parse(schema, payload), event).toEqual(payload);
    }
  });
});

describe('fama', () => {
  const { text } = readContract(dialects.fama.document);

  test('the payloads shown are said to the letter', () => {
    const shown = [...text.matchAll(/\*\*Event:\*\* `(\w+)`\s+\*\*Payload:\*\*\s+```json\n([\s\S]*?)```/g)];
    const payloads = shown.map(([, event, json = '']) => [event, JSON.parse(json) as object]);
    const [[, connected], [, error]] = payloads as [[string, object], [string, { message: string }]];
    const { says } = dialects.fama;
    expect(payloads.map(([event]) => event)).toEqual(['connected', 'error']);
    expect(
      says['session.connected']({ kind: 'session.connected', user: { id: '5' as never, username: 'alice' } }),
    ).toEqual(['connected', connected]);
    expect(
      says['error.raised']({
        kind: 'error.raised',
        error: { code: 'token_expired', message: error.message },
      }),
    ).toEqual(['error', error]);
  });

  test.each([
    ['5', 5],
    ['0', 0],
    ['9007199254740991', 9_007_199_254_740_991],
    ['9007199254740993', '9007199254740993'],
    ['007', '007'],
    ['1e3', '1e3'],
    ['-5', '-5'],
    ['65f1c0de65f1c0de65f1c0de', '65f1c0de65f1c0de65f1c0de'],
  ])('the user %s is told the id %j', (id, user_id) => {
    const user = { id: id as never, username: 'alice' };
    expect(dialects.fama.says['session.connected']({ kind: 'session.connected', user })?.[1]).toMatchObject({
      user: { user_id },
    });
  });
});

describe('messenger', () => {
  const { listens } = readContract(dialects.messenger.document);
  const shown = listens.filter(({ body }) => body.includes('// {'));

  test('the payloads shown are the payloads sent, field by field', () => {
    expect(shown.map(({ event }) => event)).toEqual(['message', 'userTyping', 'userStatus', 'error']);
    for (const { event, body } of shown) {
      const comment = [...body.matchAll(/^\s*\/\/(.*)$/gm)].map(([, line]) => line).join('\n');
      const documented = readShape(comment);
      expect(differences(documented, sent(dialects.messenger, event)), event).toEqual([]);
      expect(undocumented(documented, sent(dialects.messenger, event)), event).toEqual([]);
    }
  });
});

describe('rooms', () => {
  const { table, text } = readContract(dialects.rooms.document);

  test('clients say what the table of the document says, and nothing else', () => {
    const rows = table('Client → Server events');
    expect(rows.map(([event]) => event)).toEqual(Object.keys(dialects.rooms.receives));
    for (const [event = '', payload = '', about] of rows) {
      const documented = readShape(payload);
      expect(differences(documented, received(dialects.rooms, event)), event).toEqual([]);
      expect(undocumented(documented, received(dialects.rooms, event)), event).toEqual([]);
      expect(dialects.rooms.receives).toHaveProperty([event, 'about'], about);
    }
  });

  test('clients are told what the table of the document says; what is reserved has no words', () => {
    const rows = table('Server → Client events');
    const reserved = rows
      .filter(([, payload]) => payload === '*(reserved)*')
      .map(([event, , when]) => [event, when]);
    expect(dialects.rooms.reserved).toEqual(Object.fromEntries(reserved));
    expect(reserved.map(([event]) => event)).toEqual(['file_uploaded', 'file_unlocked']);
    for (const [event = '', payload = ''] of rows.slice(0, -2)) {
      const documented = readShape(payload);
      expect(differences(documented, sent(dialects.rooms, event)), event).toEqual([]);
      expect(undocumented(documented, sent(dialects.rooms, event)), event).toEqual([]);
    }
  });

  test('content has the length that the document promises', () => {
    const [, min, max] = /\((\d+)–(\d+) chars\)/.exec(text) ?? [];
    const vocabulary = createVocabulary([dialects.rooms]);
    const send = (content: string) => vocabulary.decode('send_message', [{ roomId: 'r', content }]).ok;
    expect([send(''), send('x'.repeat(Number(min)))]).toEqual([false, true]);
    expect([send('x'.repeat(Number(max))), send('x'.repeat(Number(max) + 1))]).toEqual([true, false]);
  });
});

describe('chats', () => {
  const { text, listens } = readContract(dialects.chats.document);

  test('both lists of events are the table', () => {
    const [toServer = '', toClient = ''] = text.split(/^### Server .* Client Events$/m);
    const listed = (part: string) => [...part.matchAll(/^- `([\w:]+)` - /gm)].map(([, event]) => event);
    expect(listed(toServer)).toEqual(Object.keys(dialects.chats.receives));
    expect(listed(toClient)).toEqual(Object.keys(dialects.chats.sends));
  });

  test('a message has the fields that are listed, and no others', () => {
    const { body = '' } = listens.find(({ event }) => event === 'message:new') ?? {};
    const listed = /message contains: (.*) \(user object\)/.exec(body)?.[1]?.split(', ') ?? [];
    expect(Object.keys(sent(dialects.chats, 'message:new') as object)).toEqual(listed);
    expect(listed).toHaveLength(7);
  });

  test('the types of messages are those of the comment', () => {
    const listed = [...(/messageType: 'text' \/\/ (.*)/.exec(text)?.[1] ?? '').matchAll(/'(\w+)'/g)];
    const vocabulary = createVocabulary([dialects.chats]);
    const send = (messageType?: unknown) =>
      vocabulary.decode('message:send', [{ chatId: 'c', content: 'x', messageType }]);
    for (const [, messageType] of listed) {
      expect(send(messageType)).toMatchObject({ value: { intent: { messageType } } });
    }
    expect(listed).toHaveLength(3);
    expect(send()).toMatchObject({ value: { intent: { messageType: 'text' } } });
    expect(send('video').ok).toBe(false);
  });
});

describe('notifications', () => {
  test('what a back end emits is what the client gets; id and time stand beside it where there are none', () => {
    const { text } = readContract(dialects.notifications.document);
    expect(text).toContain("io.to(user.id).emit('notification.new', notificationPayload)");
    const said = (payload: object) =>
      dialects.notifications.says['notification.created']({
        kind: 'notification.created',
        notification: { id: 'N1' as never, userId: 'u' as never, payload: payload as never, createdAt: 0 },
      })?.[1];
    expect(said({ title: 'x' })).toEqual({ title: 'x', id: 'N1', createdAt: '1970-01-01T00:00:00.000Z' });
    expect(said({ id: 7, createdAt: 'then' })).toEqual({ id: 7, createdAt: 'then' });
  });
});

test('rooms has no word for somebody who stopped typing', () => {
  const typing = { kind: 'typing.changed', roomId: 'r', userId: 'u', username: 'U' } as never as object;
  const said = (isTyping: boolean) => wordOf(dialects.rooms, { ...typing, isTyping } as never);
  expect(said(true)).toEqual(['user_typing', { userId: 'u', roomId: 'r' }]);
  expect(said(false)).toBeUndefined();
});
