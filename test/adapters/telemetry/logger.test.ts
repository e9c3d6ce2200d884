import { describe, expect, test } from 'vitest';
import { createLogger } from '../../../lambdas/adapters/telemetry/logger.ts';
import { CausewayError } from '../../../lambdas/domain/errors.ts';

function logging(level?: string) {
  const lines: string[] = [];
  const log = createLogger({ level, fields: { functionName: 'f' }, write: (line) => lines.push(line) });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? 'null') as Record<string, unknown> };
}

describe('logger', () => {
  test('writes one JSON object a line, line breaks escaped', () => {
    const { log, lines, last } = logging();
    log.info('two\nlines', { connectionId: 'c', count: 3 });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('\n');
    expect(last()).toMatchObject({
      level: 'info',
      message: 'two\nlines',
      functionName: 'f',
      connectionId: 'c',
      count: 3,
    });
    expect(Date.parse(String(last()['time']))).not.toBeNaN();
  });

  test.each([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['WARN', ['warn', 'error']],
    ['silent', []],
    [undefined, ['info', 'warn', 'error']],
    ['nonsense', ['info', 'warn', 'error']],
  ])('level %s', (level, expected) => {
    const { log, lines } = logging(level);
    for (const each of ['debug', 'info', 'warn', 'error'] as const) log[each]('x');
    expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(expected);
  });

  test('secrets never appear, however deep and however spelled', () => {
    const { log, lines } = logging();
    const secret = 'TOP-SECRET';
    log.error('x', {
      token: secret,
      headers: { Authorization: secret, 'Sec-WebSocket-Protocol': secret, Cookie: secret },
      nested: [{ passwordHash: secret, password_hash: secret, access_token: secret }],
      body: secret,
      content: secret,
      email: secret,
      queryStringParameters: { token: secret },
      key: new TextEncoder().encode(secret),
    });
    expect(lines[0]).not.toContain(secret);
    expect(lines[0]).toContain('[redacted]');
  });

  test('errors carry name, code, stack and causes, not what the SDK hangs on them', () => {
    const { log, lines, last } = logging();
    const cause = Object.assign(new Error('denied'), {
      name: 'AccessDeniedException',
      $metadata: { httpStatusCode: 400, requestId: 'r-1' },
      $response: { body: 'TOP-SECRET' },
    });
    log.error('failed', { error: new CausewayError('internal', 'Internal error', { cause }) });
    expect(last()['error']).toMatchObject({
      name: 'CausewayError',
      code: 'internal',
      cause: { name: 'AccessDeniedException', message: 'denied', status: 400, requestId: 'r-1' },
    });
    expect(lines[0]).not.toContain('TOP-SECRET');
  });

  test('logging never throws: cycles, big integers, functions, broken dates', () => {
    const { log, last } = logging();
    const cycle: Record<string, unknown> = { big: 10n, call: () => 1, never: new Date(Number.NaN) };
    cycle['self'] = cycle;
    log.info('odd', { cycle });
    expect(last()).toMatchObject({ cycle: { big: '10', never: 'Invalid Date' } });
  });

  test('fields cannot pose as the level or the message', () => {
    const { log, last } = logging();
    log.info('true', { level: 'error', message: 'forged' });
    expect(last()).toMatchObject({ level: 'info', message: 'true' });
  });
});
