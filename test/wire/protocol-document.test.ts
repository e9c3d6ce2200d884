import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

import { ERROR_RULES } from '../../lambdas/domain/error-rules.ts';
import type { ErrorCode } from '../../lambdas/domain/errors.ts';
import type { EventKind } from '../../lambdas/domain/events.ts';
import { STATUS } from '../../lambdas/http/errors.ts';
import { API_GATEWAY, CHAT, EXPIRY, RESUME } from '../../lambdas/manifest/limits.ts';
import { NATIVE_ACTIONS } from '../../lambdas/manifest/routes.ts';
import { DISCLOSURE } from '../../lambdas/wire/json/disclosure.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFile(new URL(path, root), 'utf8');
const document = await read('PROTOCOL.md');

const section = (title: string): string => {
  const found = document.split('\n## ').find((part) => part.startsWith(title));
  if (found === undefined) throw new Error(`PROTOCOL.md has no section ${title}`);
  return found;
};
const headings = (title: string) => [...section(title).matchAll(/^### (.+)$/gm)].map(([, name]) => name);
const rows = (text: string) =>
  [...text.matchAll(/^\| (.+) \|$/gm)].map(([, row]) => row?.split(' | ').map((cell) => cell.trim()) ?? []);

const EVENTS = {
  'message.created': true,
  'message.read': true,
  'typing.changed': true,
  'room.joined': true,
  'room.left': true,
  'presence.changed': true,
  'notification.created': true,
  'notification.read': true,
} satisfies Record<EventKind, true>;

test('every action and every event has its heading', () => {
  expect(headings('4. Actions')).toEqual([...NATIVE_ACTIONS]);
  expect(headings('5. Events')).toEqual(Object.keys(EVENTS));
});

test('the table of errors says what the code does', () => {
  const told = rows(section('6. Errors')).filter(([code]) => code?.startsWith('`'));
  const codes = told.map(([code]) => code?.replaceAll('`', '') as ErrorCode);
  expect(codes.toSorted()).toEqual((Object.keys(ERROR_RULES) as ErrorCode[]).toSorted());
  for (const [index, code] of codes.entries()) {
    const [, , status, retry, closes] = told[index] ?? [];
    expect([code, status, retry, closes]).toEqual([
      code,
      String(STATUS[code]),
      ERROR_RULES[code].retryable ? 'yes' : 'no',
      DISCLOSURE[code].closes ? 'yes' : 'no',
    ]);
  }
});

test('the limits stand as in the manifest', () => {
  const limits = Object.fromEntries(rows(section('9. Limits')).map(([what, limit]) => [what, limit]));
  expect(limits).toMatchObject({
    'bytes in a WebSocket frame': `${API_GATEWAY.frameBytes / 1024} KB`,
    'bytes in a message of several frames': `${API_GATEWAY.messageBytes / 1024} KB`,
    'characters of `content`': CHAT.contentChars.toLocaleString('en'),
    'bytes of `context`': `${CHAT.contextBytes / 1024} KB`,
    'rooms joined by one connection': String(CHAT.roomsPerSession),
    'silence in both directions': `${API_GATEWAY.idleSeconds / 60} minutes`,
    'life of a connection': `${API_GATEWAY.lifetimeSeconds / 3600} hours`,
  });
  expect(limits).toMatchObject({
    'rooms in one `resume`': String(CHAT.roomsPerSession),
    'time between an offset and its `resume`': `${RESUME.windowMs / 3_600_000} hours`,
  });
  expect(section('8. Coming back')).toContain(`older than ${RESUME.windowMs / 3_600_000} hours`);
  // "a minute before"
  expect(RESUME.slackMs).toBe(60_000);
  const history = section('4. Actions').split('### history')[1];
  expect(history).toContain(`1–${CHAT.historyPage} | optional; default ${CHAT.historyPageDefault}`);
  expect(section('3. Requests')).toContain(`1–${CHAT.requestIdChars} characters`);
  expect(section('3. Requests')).toContain(`deeper than ${CHAT.jsonDepth} levels`);
  expect(section('7. Order')).toContain(`Within ${EXPIRY.clientMessageIdSeconds / 3600} hours`);
});

test('what it quotes of the transcripts stands in them', async () => {
  const quotes = [...document.matchAll(/^```transcript (\S+)\n([\s\S]*?)^```$/gm)];
  expect(quotes.length).toBeGreaterThan(3);
  for (const [, name, quote] of quotes)
    expect(await read(`docs/protocol/transcripts/${name}`)).toContain(quote);
});
