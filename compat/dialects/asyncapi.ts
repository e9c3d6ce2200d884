/** The AsyncAPI 3.0 document of a deployment's vocabularies (https://www.asyncapi.com/docs/reference/specification/v3.0.0). */
import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';

import type { ChatSettings, DialectId } from '../../lambdas/manifest/dialects.ts';
import type { Dialect } from './define-dialect.ts';
import { dialects } from './dialects.ts';

type Fields = Readonly<Record<string, unknown>>;

/** From the server's point of view, as AsyncAPI has it: clients' events are received. */
type Action = 'receive' | 'send';

/** An event of a dialect in one direction; both directions may share its name. */
interface Entry {
  readonly dialect: Dialect;
  readonly event: string;
  readonly action: Action;
  readonly about: string;
  /** Undefined for an event that the document keeps for later. */
  readonly payload: v.GenericSchema | undefined;
}

const ABOUT = `Socket.IO events. A channel is a namespace, a message an event with one argument: its payload.
A socket of a namespace with several chat vocabularies (messenger, rooms, chats) is told all of them until it uses a word that
only one of them has; vocabularies that share an event's name are then sent in one frame with the fields of both.
Any event may ask for an ack: \`{ ok: true, … }\`, or \`{ error: { code, message } }\`; without one a refusal is an \`error\` event.`;

/** Pure: the same settings give the same document. */
export function asyncApiDocument({
  namespaces,
  lobby,
}: ChatSettings): Fields & { readonly asyncapi: string } {
  const served = Object.entries(namespaces).map(([namespace, ids]) => ({
    namespace,
    key: channelKey(namespace),
    entries: ids.flatMap((id) => entriesOf(dialects[id])),
  }));
  const used = new Set(Object.values(namespaces).flat());
  return {
    asyncapi: '3.0.0',
    info: { title: 'Causeway Socket.IO API', version: '1.0.0', description: ABOUT, tags: tags(used) },
    defaultContentType: 'application/json',
    servers: { deployment: SERVER },
    channels: record(served, ({ key, namespace, entries }) => [key, channel(namespace, entries)]),
    operations: record(
      served.flatMap(({ key, entries }) => entries.filter(isUsed).map((entry) => ({ key, entry }))),
      ({ key, entry }) => [`${key}.${messageKey(entry)}`, operation(key, entry)],
    ),
    components: {
      messages: {
        ...record(
          [...used].flatMap((id) => entriesOf(dialects[id])),
          (entry) => [messageKey(entry), message(entry)],
        ),
        ack: ACK,
      },
      securitySchemes: { token: TOKEN },
    },
    ...(lobby === undefined ? {} : { 'x-lobby': lobby }),
  };
}

const SERVER = {
  host: '{host}',
  protocol: 'wss',
  pathname: '/socket.io/',
  description: 'Engine.IO 4 over HTTP long-polling and WebSocket.',
  variables: { host: { description: 'Host of the deployment, or of the emulator.' } },
  security: [{ $ref: '#/components/securitySchemes/token' }],
} as const;

const TOKEN = {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description:
    'The token of POST /auth/login, in `auth.token` of the CONNECT packet (with or without `Bearer `) or in the header `Authorization`.',
} as const;

const ACK = {
  name: 'ack',
  title: 'Acknowledgement',
  summary: 'Answers an event that asked for it.',
  payload: {
    oneOf: [
      {
        type: 'object',
        properties: { ok: { const: true } },
        required: ['ok'],
        description:
          'What the event caused stands beside `ok`; for messages, the message in the words of its dialect.',
      },
      {
        type: 'object',
        properties: {
          error: {
            type: 'object',
            properties: { code: { type: 'string' }, message: { type: 'string' } },
            required: ['code', 'message'],
          },
        },
        required: ['error'],
      },
    ],
  },
} as const;

function entriesOf(dialect: Dialect): readonly Entry[] {
  const { receives, sends, reserved = {} } = dialect;
  return [
    ...Object.entries(receives).map(([event, word]) => ({
      ...word,
      dialect,
      event,
      action: 'receive' as const,
    })),
    ...Object.entries(sends).map(([event, word]) => ({ ...word, dialect, event, action: 'send' as const })),
    ...Object.entries(reserved).map(([event, about]): Entry => {
      return { dialect, event, about, action: 'send', payload: undefined };
    }),
  ];
}

function channel(namespace: string, entries: readonly Entry[]): Fields {
  return {
    address: namespace,
    title: `Namespace ${namespace}`,
    servers: [{ $ref: '#/servers/deployment' }],
    messages: {
      ...record(entries, (entry) => [
        messageKey(entry),
        { $ref: `#/components/messages/${messageKey(entry)}` },
      ]),
      ack: { $ref: '#/components/messages/ack' },
    },
  };
}

function operation(key: string, entry: Entry): Fields {
  const channel = { $ref: `#/channels/${key}` };
  const reply = { channel, messages: [{ $ref: `#/channels/${key}/messages/ack` }] };
  return {
    action: entry.action,
    channel,
    title: entry.event,
    summary: entry.about,
    tags: [{ name: entry.dialect.id }],
    security: [{ $ref: '#/components/securitySchemes/token' }],
    messages: [{ $ref: `#/channels/${key}/messages/${messageKey(entry)}` }],
    ...(entry.action === 'receive' ? { reply } : {}),
  };
}

function message({ dialect, event, action, about, payload }: Entry): Fields {
  return {
    name: event,
    title: `${event} (${dialect.id})`,
    summary: payload === undefined ? `Reserved, never sent: ${about}` : about,
    tags: [{ name: dialect.id }],
    ...(payload === undefined ? { 'x-reserved': true } : { payload: convert(payload, action) }),
  };
}

function tags(used: ReadonlySet<DialectId>): readonly Fields[] {
  return [...used].map((id) => ({
    name: id,
    description: `${dialects[id].title} (${dialects[id].document})`,
  }));
}

/** What clients send is shown as they write it, what they are sent as they read it. */
function convert(schema: v.GenericSchema, action: Action): Fields {
  // Checks and transformations have no words in JSON Schema; they only narrow what the schema says.
  const options = { target: 'draft-07', errorMode: 'ignore' } as const;
  const typeMode = action === 'receive' ? 'input' : 'output';
  const { $schema: _dialect, ...rest } = toJsonSchema(schema, { ...options, typeMode });
  return rest;
}

function isUsed({ payload }: Entry): boolean {
  return payload !== undefined;
}

/** Keys of components may hold letters, digits and `._-` only. */
function messageKey({ dialect, action, event }: Entry): string {
  return `${dialect.id}.${action}.${event.replaceAll(/[^\w.-]/g, '-')}`;
}

/** Different for different namespaces, of letters, digits, `_` and `-`. */
function channelKey(namespace: string): string {
  if (namespace === '/') return 'namespace';
  const name = namespace
    .slice(1)
    .replaceAll(/[^A-Za-z0-9-]/gu, (other) => `_${other.codePointAt(0)?.toString(16)}_`);
  return `namespace-${name}`;
}

function record<T>(
  items: readonly T[],
  entry: (item: T) => readonly [key: string, value: unknown],
): Record<string, unknown> {
  return Object.fromEntries(items.map(entry));
}
