/** docs/dialects.md, written from the tables. */
import type { Dialect, Occurrence } from '../../../compat/dialects/index.ts';
import { asyncApiDocument } from '../../../compat/dialects/index.ts';
import { dialects } from '../../../compat/dialects/dialects.ts';
import { wordOf } from '../../../compat/dialects/word-of.ts';
import {
  CHAT_DIALECTS,
  DEFAULT_LOBBY,
  DEFAULT_NAMESPACES,
  DIALECTS,
} from '../../../lambdas/manifest/dialects.ts';
import { CHAT } from '../../../lambdas/manifest/limits.ts';
import { SAMPLES } from './occurrences.ts';

interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: { readonly [name: string]: JsonSchema };
  readonly required?: readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly additionalProperties?: boolean;
}

const { components } = asyncApiDocument({ namespaces: { '/': DIALECTS } }) as object as {
  readonly components: { readonly messages: { readonly [key: string]: { readonly payload?: JsonSchema } } };
};

export function dialectsDocument(): string {
  return [INTRODUCTION, ...DIALECTS.map((id) => section(dialects[id])), words(), RULES]
    .join('\n\n')
    .concat('\n');
}

const namespaceRows = Object.entries(DEFAULT_NAMESPACES).map(([namespace, ids]) => [
  code(namespace),
  ids.join(', '),
]);

const INTRODUCTION = `# Dialects

Written by \`npm run docs:dialects\` from the tables in compat/dialects; don't edit it here. The same tables make the AsyncAPI 3.0
document at \`/asyncapi.json\`.

A dialect is a documented Socket.IO vocabulary: the events a client may emit and the events it is told. The five documents stand
unchanged in [docs/contracts](contracts). They share one chat: \`messenger\` rooms, \`rooms\` rooms and \`chats\` chats are the same rooms, and
ids are the same everywhere, so a message sent in one dialect is read in all of them, and by native and REST clients.

${table(['namespace', 'dialects served there by default'], namespaceRows)}

\`namespaces\` in causeway.config.ts changes this: \`namespaces: { '/': ['chats', 'notifications'], '/chat': ['rooms'] }\`. Namespaces that are
not named belong to the team's own \`app\`. In the tables below \`?\` marks fields that may be absent; instants are ISO 8601 in UTC.`;

function section(dialect: Dialect): string {
  const { id, title, document, autoJoins, receives, sends, reserved = {} } = dialect;
  const joins = [
    autoJoins.rooms ? 'every room its user participates in' : '',
    autoJoins.lobby ? 'the lobby' : '',
  ];
  const joined = joins.filter((what) => what !== '').join(' and ');
  const reservedRows = Object.entries(reserved).map(([event, about]) => [
    code(event),
    'reserved',
    `Never sent. ${about}`,
  ]);
  return [
    `## ${id}`,
    `From [${title}](${document.replace('docs/', '')}).${joined === '' ? '' : ` When it connects, a socket joins ${joined}, without being told.`}`,
    Object.keys(receives).length === 0
      ? 'Clients say nothing in it.'
      : table(
          ['client → server', 'payload', ''],
          Object.entries(receives).map(([event, { about }]) => [
            code(event),
            shown(id, 'receive', event),
            about,
          ]),
        ),
    table(
      ['server → client', 'payload', ''],
      [
        ...Object.entries(sends).map(([event, { about }]) => [code(event), shown(id, 'send', event), about]),
        ...reservedRows,
      ],
    ),
  ].join('\n\n');
}

function words(): string {
  const rows = Object.values(SAMPLES).flatMap((samples: readonly Occurrence[]) =>
    distinct(samples).map((occurrence) => [
      describe(occurrence),
      ...DIALECTS.map((id) => {
        const [event] = wordOf(dialects[id], occurrence) ?? [];
        return event === undefined ? '–' : code(event);
      }),
    ]),
  );
  return `## Who has a word for what

What a dialect has no word for is dropped, on purpose: its clients would not know what to do with it. The reasons stand in the tables.

${table(['what happens', ...DIALECTS], rows)}`;
}

/** Samples that no dialect words differently are one row. */
function distinct(samples: readonly Occurrence[]): readonly Occurrence[] {
  const key = (occurrence: Occurrence) => DIALECTS.map((id) => wordOf(dialects[id], occurrence)?.[0]).join();
  return [...new Map(samples.map((occurrence) => [key(occurrence), occurrence])).values()];
}

function describe(occurrence: Occurrence): string {
  const which =
    occurrence.kind === 'typing.changed' ? (occurrence.isTyping ? ' (started)' : ' (stopped)') : '';
  return code(occurrence.kind) + which;
}

const RULES = `## Which dialect a socket speaks

Where a namespace serves one chat dialect (${CHAT_DIALECTS.join(', ')}), there is nothing to choose. Where it serves several:

- A socket starts without a choice. It may use every dialect's words and is told everything in all of them.
- Dialects that share an event's name then share one frame with the fields of both: \`message\` has \`message\`, \`timestamp\` and \`context?\` of
  messenger beside \`roomId\`, \`sender\`, \`content\` and \`createdAt\` of rooms; \`error\` is the same in all.
- The first valid event that only one chat dialect knows is the choice. \`typing\` with a boolean is messenger, with an object rooms. A refused
  event chooses nothing.
- From then on the socket is told no other chat dialect's words, and the other dialects' events are unknown to it. \`fama\` and
  \`notifications\` stay. A new connection chooses anew; a recovered one keeps its choice.

## Refusals and acks

- Every event takes one argument, as shown. Fields that a document does not have are ignored; a missing, wrong or second argument is refused.
- A refusal names what is wrong: \`chatId must be a string.\`, \`content must be 1 to ${CHAT.contentChars} characters long.\`, \`payload must be an object.\`
- An unknown event: \`Unknown event: x\`. The connection is kept.
- Keys named \`__proto__\`, \`constructor\` or \`prototype\`, binary data, broken Unicode and more than ${CHAT.jsonDepth} levels are refused, wherever they stand.
- Any event may ask for an ack: \`{ ok: true, … }\`, for sends with the created message in the dialect's words, or
  \`{ error: { code, message } }\`. Without an ack a refusal is an \`error\` event.

## Limits and choices

- \`message\` and \`content\`: 1 to ${CHAT.contentChars} UTF-16 units, as \`string.length\` counts. Never trimmed.
- \`context\`: any JSON object of at most ${CHAT.contextBytes} bytes, stored and sent back as it came. \`context.roomId\` must be a room id; without it the
  message goes to the lobby (\`${DEFAULT_LOBBY}\`, unless configured otherwise). A \`context.replyTo\` that is a message id makes the message a reply; anything
  else is just context.
- Room ids: 1 to ${CHAT.idChars} characters of \`A-Z a-z 0-9 _ -\`. Message and notification ids: 26 digits, sorted by time.
- \`user_id\` of fama is a number when the user's id is a whole number that JavaScript can hold exactly, otherwise a string.
- \`notification.new\` is the payload itself, as the document promises. Causeway's \`id\` and \`createdAt\` are added where the payload has no
  fields of that name; a payload with an \`id\` of its own can be marked read by REST only.

## TypeScript

\`\`\`ts
import type { chats, fama } from '…/compat/dialects/index.ts';
import { io, type Socket } from 'socket.io-client';

const socket: Socket<
  chats.ServerToClientEvents & fama.ServerToClientEvents,
  chats.ClientToServerEvents
> = io('https://…', { auth: { token } });

socket.emit('message:send', { chatId, content: 'Hello!' }, (answer) => {
  if (!answer.ok) console.error(answer.error.code, answer.error.message);
});
\`\`\`

Socket.IO's own types lose sight of optional acks in \`emitWithAck\`; a callback is checked.

## A sixth dialect

Its document, a table like compat/dialects/chats.ts, its name in lambdas/manifest/dialects.ts and a line in compat/dialects/dialects.ts. What
the table forgets does not compile: an event without schema or meaning, a field, an occurrence without a word or a decision for silence.`;

function shown(id: string, action: string, event: string): string {
  const { payload } = components.messages[`${id}.${action}.${event.replaceAll(/[^\w.-]/g, '-')}`] ?? {};
  if (payload === undefined) throw new Error(`${event} of ${id} is in no document`);
  return code(print(payload));
}

function print(schema: JsonSchema): string {
  const { type = 'any', properties, required = [] } = schema;
  if (schema.const !== undefined) return quote(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(quote).join(' | ');
  if (schema.anyOf !== undefined) return schema.anyOf.map(print).join(' | ');
  if (schema.format === 'date-time') return 'instant';
  if (properties === undefined) return type + lengths(schema);
  const fields = Object.entries(properties).map(
    ([name, field]) => `${name}${required.includes(name) ? '' : '?'}: ${print(field)}`,
  );
  return `{ ${[...fields, ...(schema.additionalProperties === true ? ['…'] : [])].join(', ')} }`;
}

function lengths({ minLength, maxLength }: JsonSchema): string {
  return maxLength === undefined ? '' : `(${minLength}–${maxLength})`;
}

function quote(value: unknown): string {
  return `'${String(value)}'`;
}

function code(text: string): string {
  return `\`${text}\``;
}

/** `|` separates cells, in code as well. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}
