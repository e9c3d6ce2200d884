import fc from 'fast-check';
import { Encoder } from 'socket.io-parser';
import { describe, expect, it } from 'vitest';

import { fromText, toText } from '../../../compat/server/binary-json.ts';
import type { Invocation } from '../../../compat/server/invocation.ts';
import { readHead, writeHead } from '../../../compat/server/packet-head.ts';
import type { EngineId } from '../../../lambdas/ports/socketio.ts';
import { timeOfOffset } from '../../../lambdas/domain/offset.ts';
import { mintRecoveryId, nextOffset, sessionOf } from '../../../compat/server/recovery-id.ts';
import { replayedSession } from '../../../compat/server/replay.ts';

describe('the head of a packet', () => {
  it('says what socket.io-parser wrote', () => {
    const nsps = fc.oneof(
      fc.constant('/'),
      fc.string().map((name) => `/${name.replaceAll(',', '')}`),
    );
    fc.assert(
      fc.property(nsps, fc.option(fc.nat(), { nil: undefined }), fc.boolean(), (nsp, id, binary) => {
        const data = ['event', ...(binary ? [Buffer.from('x'), Buffer.from('y')] : [{ a: '/b,' }])];
        const packet = { type: 2, nsp, data, ...(id === undefined ? {} : { id }) };
        const [text] = new Encoder().encode(packet) as [string];

        const head = readHead(text);

        expect(head).toMatchObject({ type: binary ? '5' : '2', nsp, attachments: binary ? 2 : 0 });
        expect(text.slice(head!.end)).toMatch(/^\d*\["event"/);
        if (!binary) expect(text.startsWith(writeHead('2', nsp))).toBe(true);
      }),
    );
  });

  it('is none of what does not begin with a digit', () => {
    expect(readHead('')).toBeUndefined();
    expect(readHead('abc')).toBeUndefined();
  });
});

describe('event data as text', () => {
  it('comes back as it was, with its binary', () => {
    const leaf = fc.oneof(
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.integer(),
      fc.uint8Array().map(Buffer.from),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        leaf,
        fc.array(tie('value')),
        fc.dictionary(fc.stringMatching(/^[a-z]+$/), tie('value')),
      ),
    }));
    fc.assert(
      fc.property(fc.array(value), (data) => {
        expect(fromText(toText(data))).toEqual(data);
      }),
    );
  });

  it('takes every kind of binary, and what JSON says of dates', () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const data = [bytes.buffer, bytes.subarray(1), new DataView(bytes.buffer, 2), new Date(0)];

    expect(fromText(toText(data))).toEqual([
      Buffer.from([1, 2, 3]),
      Buffer.from([2, 3]),
      Buffer.from([3]),
      '1970-01-01T00:00:00.000Z',
    ]);
  });
});

describe('offsets', () => {
  it('sort by time and call, whatever the clock does', () => {
    const times = [5, 5, 5, 1_700_000_000_000, 1_700_000_000_000, 1_699_999_999_999, 1_700_000_000_001];
    const offsets = times.map((time) => nextOffset(time));

    expect(offsets).toEqual(offsets.toSorted((one, other) => (one < other ? -1 : 1)));
    expect(new Set(offsets).size).toBe(offsets.length);
    expect(offsets.every((offset) => timeOfOffset(offset) !== undefined)).toBe(true);
  });

  it('are told from other strings', () => {
    for (const text of ['', 'said', '-', '0', '0000000000-0000aaaaaa', '000000000-0000aaaaaa\n'])
      expect(timeOfOffset(text)).toBeUndefined();
  });
});

describe('a recovery id', () => {
  it('names a session, or is none', () => {
    expect(sessionOf(mintRecoveryId('abc_-9' as EngineId))).toBe('abc_-9');
    expect(mintRecoveryId('a' as EngineId)).toMatch(/^a~[\w-]{24}$/);
    for (const text of ['', 'abc', `~${'x'.repeat(24)}`, `a~b~${'x'.repeat(24)}`, `a~${'x'.repeat(23)}`])
      expect(sessionOf(text)).toBeUndefined();
  });
});

describe('a stored socket', () => {
  it('is given back only to who knows the secret of the run', () => {
    const stored = { id: 'id', auth: '{}', data: '{"a":1}', rooms: ['room'], pid: 'pid' };
    const invocation = { token: 'secret', session: { sockets: { '/': stored } } } as unknown as Invocation;

    expect(replayedSession(invocation, { nsp: '/', pid: 'guess' })).toBeUndefined();
    expect(replayedSession(invocation, { nsp: '/', pid: 'pid' })).toBeUndefined();
    expect(replayedSession(invocation, { nsp: '/b', pid: 'secret' })).toBeUndefined();
    expect(replayedSession(invocation, { nsp: '/', pid: 'secret' })).toMatchObject({
      sid: 'id',
      rooms: ['id', 'room'],
      data: { a: 1 },
    });
  });
});
