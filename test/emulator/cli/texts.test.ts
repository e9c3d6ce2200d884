import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { parseOptions, UsageError } from '../../../emulator/cli/options.ts';
import { dollars } from '../../../emulator/cli/status-text.ts';
import { createTerminal } from '../../../emulator/cli/terminal.ts';

describe('options', () => {
  test('have defaults', () => {
    expect(parseOptions([])).toEqual({ port: 3000, latency: 'none', json: false, help: false });
    expect(
      parseOptions(['--port', '0', '--latency', 'aws', '--chaos', 's', '--data', 'd', '--json']),
    ).toEqual({ port: 0, latency: 'aws', chaos: 's', data: 'd', json: true, help: false });
  });

  test.each([
    [['--port', 'x'], '--port takes a number'],
    [['--port', '70000'], '--port takes a number'],
    [['--latency', 'slow'], '--latency takes "aws"'],
    [['--assembly', 'a', '--config', 'b'], '--config has no effect'],
    [['--chaos'], "'--chaos <value>' argument missing"],
    [['start'], "Unexpected argument 'start'"],
  ])('%j is refused', (args, message) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
    expect(() => parseOptions(args)).toThrow(message);
  });
});

test.each([
  [0, '$0'],
  [0.0000123456, '$0.0000123'],
  [0.5, '$0.500'],
  [12.3456, '$12.35'],
])('%d dollars read %s', (usd, text) => {
  expect(dollars(usd)).toBe(text);
});

describe('the terminal', () => {
  const screen = (options: { json: boolean; isTTY: boolean }) => {
    const stream = Object.assign(new PassThrough(), { isTTY: options.isTTY, columns: 20 });
    const terminal = createTerminal({ json: options.json, stream: stream as never, env: { NO_COLOR: '1' } });
    return { terminal, text: () => String(stream.read() ?? '') };
  };
  const entry = { level: 'warn', source: 'lambda/x', message: 'careful', fields: { a: 1 } } as const;

  test('writes lines for people, without debug entries', () => {
    const { terminal, text } = screen({ json: false, isTTY: false });
    terminal.log(entry);
    terminal.log({ ...entry, level: 'debug' });
    terminal.status('never shown');
    expect(text()).toMatch(/^\d\d:\d\d:\d\d warn {2}lambda\/x {2}careful \{"a":1\}\n$/);
  });

  test('keeps the status line below what it writes, cut to the width of the screen', () => {
    const { terminal, text } = screen({ json: false, isTTY: true });
    terminal.status('12345678901234567890 too long');
    terminal.print('hello');
    terminal.close();
    expect(text()).toBe('\r\u001b[K1234567890123456789\r\u001b[Khello\n1234567890123456789\r\u001b[K');
  });

  test('writes JSON with everything', () => {
    const { terminal, text } = screen({ json: true, isTTY: true });
    terminal.log({ ...entry, level: 'debug' });
    terminal.status('never shown');
    expect(JSON.parse(text())).toEqual({ ...entry, level: 'debug', time: expect.any(String) });
  });
});
