import { describe, expect, test } from 'vitest';

import type { Dialect } from '../../../compat/dialects/index.ts';
import { asyncApiDocument } from '../../../compat/dialects/index.ts';
import { dialects } from '../../../compat/dialects/dialects.ts';
import type { ChatSettings } from '../../../lambdas/manifest/dialects.ts';
import { DEFAULT_LOBBY, DEFAULT_NAMESPACES } from '../../../lambdas/manifest/dialects.ts';

/*
 * The structure that the specification requires (asyncapi.com/docs/reference/specification/v3.0.0), as far as this document
 * uses it: required and allowed fields of each object, keys, references, and what an operation may refer to.
 */

type Json = Readonly<Record<string, unknown>>;
interface Ref {
  readonly $ref: string;
}
interface Operation extends Json {
  readonly action: string;
  readonly channel: Ref;
  readonly messages: readonly Ref[];
  readonly reply?: { readonly channel: Ref; readonly messages: readonly Ref[] };
}
interface Channel extends Json {
  readonly address: string;
  readonly messages: Readonly<Record<string, Ref>>;
}
interface Message extends Json {
  readonly name: string;
  readonly payload?: Json;
}
interface Document extends Json {
  readonly channels: Readonly<Record<string, Channel>>;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly components: { readonly messages: Readonly<Record<string, Message>> } & Json;
}

const generate = (settings: ChatSettings): Document =>
  JSON.parse(JSON.stringify(asyncApiDocument(settings))) as Document;
const document = generate({ namespaces: DEFAULT_NAMESPACES, lobby: DEFAULT_LOBBY });

/** Fixed fields of AsyncAPI 3.0 objects: those that must be there, then those that may. */
const FIELDS = {
  root: [
    ['asyncapi', 'info'],
    ['id', 'servers', 'defaultContentType', 'channels', 'operations', 'components'],
  ],
  info: [
    ['title', 'version'],
    ['description', 'termsOfService', 'contact', 'license', 'tags', 'externalDocs'],
  ],
  server: [
    ['host', 'protocol'],
    [
      'protocolVersion',
      'pathname',
      'description',
      'title',
      'summary',
      'variables',
      'security',
      'tags',
      'externalDocs',
      'bindings',
    ],
  ],
  channel: [
    [],
    [
      'address',
      'messages',
      'title',
      'summary',
      'description',
      'servers',
      'parameters',
      'tags',
      'externalDocs',
      'bindings',
    ],
  ],
  operation: [
    ['action', 'channel'],
    [
      'title',
      'summary',
      'description',
      'security',
      'tags',
      'externalDocs',
      'bindings',
      'traits',
      'messages',
      'reply',
    ],
  ],
  reply: [[], ['address', 'channel', 'messages']],
  message: [
    [],
    [
      'headers',
      'payload',
      'correlationId',
      'contentType',
      'name',
      'title',
      'summary',
      'description',
      'tags',
      'externalDocs',
      'bindings',
      'examples',
      'traits',
    ],
  ],
  tag: [['name'], ['description', 'externalDocs']],
  components: [
    [],
    [
      'schemas',
      'servers',
      'channels',
      'operations',
      'messages',
      'securitySchemes',
      'serverVariables',
      'parameters',
      'correlationIds',
      'replies',
      'replyAddresses',
      'externalDocs',
      'tags',
      'operationTraits',
      'messageTraits',
      'serverBindings',
      'channelBindings',
      'operationBindings',
      'messageBindings',
    ],
  ],
  httpSecurityScheme: [
    ['type', 'scheme'],
    ['description', 'bearerFormat'],
  ],
} as const;

/** Extensions begin with `x-`. */
function expectFields(kind: keyof typeof FIELDS, value: unknown): void {
  const [required, allowed] = FIELDS[kind] as readonly [readonly string[], readonly string[]];
  const names = Object.keys(value as Json).filter((name) => !name.startsWith('x-'));
  expect(names, kind).toEqual(expect.arrayContaining([...required]));
  expect(
    names.filter((name) => !required.includes(name) && !allowed.includes(name)),
    kind,
  ).toEqual([]);
}

function resolve(document: Document, { $ref }: Ref): unknown {
  expect($ref).toMatch(/^#\//);
  // No key holds `/` or `~`, so nothing of the pointer is escaped.
  const target = $ref
    .slice(2)
    .split('/')
    .reduce<unknown>((value, key) => (value as Json | undefined)?.[key], document);
  expect(target, $ref).toBeDefined();
  return target;
}

function references(value: unknown): readonly Ref[] {
  if (typeof value !== 'object' || value === null) return [];
  return '$ref' in value ? [value as Ref] : Object.values(value).flatMap(references);
}

function checkStructure(document: Document): void {
  expectFields('root', document);
  expect(document['asyncapi']).toBe('3.0.0');
  expectFields('info', document['info']);
  for (const tag of (document['info'] as { tags: readonly unknown[] }).tags) expectFields('tag', tag);
  for (const server of Object.values(document['servers'] as Json)) expectFields('server', server);
  expectFields('components', document.components);
  for (const scheme of Object.values(document.components['securitySchemes'] as Json))
    expectFields('httpSecurityScheme', scheme);
  for (const channel of Object.values(document.channels)) expectFields('channel', channel);
  for (const message of Object.values(document.components.messages)) expectFields('message', message);
  for (const part of Object.values(document.components)) {
    for (const key of Object.keys(part as Json)) expect(key).toMatch(/^[a-zA-Z0-9.\-_]+$/);
  }
  for (const key of Object.keys(document.channels)) expect(key).toMatch(/^[A-Za-z0-9_-]+$/);
  for (const reference of references(document)) resolve(document, reference);
  for (const operation of Object.values(document.operations)) checkOperation(operation);
}

/** “Messages MUST be a subset of the messages defined in the channel referenced”, for the operation and its reply. */
function checkOperation(operation: Operation): void {
  expectFields('operation', operation);
  expect(['send', 'receive']).toContain(operation.action);
  for (const { channel, messages } of [
    operation,
    ...(operation.reply === undefined ? [] : [operation.reply]),
  ]) {
    expect(messages.length).toBeGreaterThan(0);
    for (const { $ref } of messages) expect($ref.startsWith(`${channel.$ref}/messages/`), $ref).toBe(true);
  }
  if (operation.reply !== undefined) expectFields('reply', operation.reply);
}

test('has the structure that AsyncAPI 3.0 requires', () => {
  checkStructure(document);
  expect(references(document).length).toBeGreaterThan(100);
});

test.each<readonly [string, ChatSettings]>([
  ['no chat', { namespaces: {} }],
  ['one dialect, no lobby', { namespaces: { '/': ['chats'] } }],
  [
    'namespaces of every kind of name',
    {
      namespaces: {
        '/': ['fama'],
        '/namespace': ['rooms'],
        '/a b': ['rooms'],
        '/a_20_b': ['chats'],
        '/a_b': ['chats'],
        '/a:b': ['chats'],
        '/ü/~1': ['messenger'],
      },
    },
  ],
])('with %s, too', (_what, settings) => {
  const document = generate(settings);
  checkStructure(document);
  expect(Object.values(document.channels).map(({ address }) => address)).toEqual(
    Object.keys(settings.namespaces),
  );
});

describe.each(Object.entries(DEFAULT_NAMESPACES))('namespace %s', (namespace, ids) => {
  const [key = '', channel] =
    Object.entries(document.channels).find(([, { address }]) => address === namespace) ?? [];
  const operations = Object.values(document.operations).filter(
    ({ channel: { $ref } }) => $ref === `#/channels/${key}`,
  );
  const eventsOf = (action: string) =>
    operations
      .filter((operation) => operation.action === action)
      .map(
        ({ messages: [message] }) =>
          (resolve(document, resolve(document, message as Ref) as Ref) as Message).name,
      );

  test('has an operation for every event of its dialects, and none for those that are reserved', () => {
    const tables = ids.map((id): Dialect => dialects[id]);
    expect(eventsOf('receive')).toEqual(tables.flatMap(({ receives }) => Object.keys(receives)));
    expect(eventsOf('send')).toEqual(tables.flatMap(({ sends }) => Object.keys(sends)));
  });

  test('whatever clients say may be acknowledged; every operation needs the token', () => {
    for (const operation of operations) {
      expect(operation.reply !== undefined).toBe(operation.action === 'receive');
      expect(operation['security']).toEqual([{ $ref: '#/components/securitySchemes/token' }]);
    }
  });

  test('names what its documents reserve', () => {
    const reserved = Object.values(channel?.messages ?? {})
      .map((reference) => resolve(document, reference) as Message)
      .filter((message) => message['x-reserved'] === true);
    expect(reserved.map(({ name }) => name)).toEqual(['file_uploaded', 'file_unlocked']);
    expect(reserved.every(({ payload }) => payload === undefined)).toBe(true);
  });
});

test('payloads stand as they are checked', () => {
  const { messages } = document.components;
  expect(messages['chats.receive.message-send']?.payload).toEqual({
    type: 'object',
    properties: {
      chatId: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,128}$' },
      content: { type: 'string', minLength: 1, maxLength: 10_000 },
      messageType: { type: 'string', enum: ['text', 'image', 'file'], default: 'text' },
    },
    required: ['chatId', 'content'],
  });
  expect(messages['messenger.receive.message']?.payload).toMatchObject({
    properties: {
      message: { type: 'string', minLength: 1, maxLength: 10_000 },
      context: { properties: { roomId: { pattern: '^[A-Za-z0-9_-]{1,128}$' } }, additionalProperties: true },
    },
    required: ['message'],
  });
  expect(messages['messenger.receive.typing']?.payload).toEqual({ type: 'boolean' });
  expect(messages['messenger.send.message']?.payload).toMatchObject({
    properties: { timestamp: { type: 'string', format: 'date-time' }, context: { type: 'object' } },
    required: ['id', 'message', 'timestamp'],
  });
  for (const [key, { payload }] of Object.entries(messages)) {
    if (payload !== undefined) expect(payload['type'] ?? payload['oneOf'], key).toBeDefined();
  }
});

test('is the same document every time, and knows the lobby', () => {
  const settings = { namespaces: DEFAULT_NAMESPACES, lobby: 'hall' };
  expect(generate(settings)).toEqual(generate(settings));
  expect(generate(settings)['x-lobby']).toBe('hall');
  expect(generate({ namespaces: DEFAULT_NAMESPACES })).not.toHaveProperty('x-lobby');
});
