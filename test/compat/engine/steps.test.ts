import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type Poll, pollStep } from '../../../compat/engine/poll-step.ts';
import { type Look, sweepStep } from '../../../compat/engine/sweep-step.ts';
import type { EngineId, EngineSession } from '../../../lambdas/ports/socketio.ts';
import type { ConnectionId } from '../../../lambdas/domain/ids.ts';
import { OPTIONS } from './harness.ts';

const NOW = 10_000_000;
const SESSION: EngineSession = {
  sid: 'A'.repeat(20) as EngineId,
  transport: 'polling',
  handshake: { headers: {}, query: {}, url: '/', address: '', secure: true, issued: NOW },
  openedAt: NOW,
  seenAt: NOW,
  base64: false,
  sockets: { '/': { id: 's', auth: '{}', data: '{}', rooms: [] } },
  outbox: [],
  partial: [],
  joined: true,
};
const POLL: Poll = { arrivedAt: NOW, reads: 0 };
const options = OPTIONS;

describe('a poll', () => {
  const step = (session: Partial<EngineSession> | undefined, poll: Partial<Poll> = {}, now = NOW) =>
    pollStep(session && { ...SESSION, ...session }, { ...POLL, ...poll }, { now, options });
  const connectionId = 'c' as ConnectionId;

  test.each([
    ['no session', undefined, {}, { do: 'refuse', refusal: { code: 1 } }],
    ['nothing to say', {}, {}, { do: 'wait', ms: 25, lease: false }],
    ['nothing to say for the third time', {}, { reads: 2 }, { do: 'wait', ms: 100, lease: true }],
    ['nothing to say with the lease', {}, { reads: 9, token: 't' }, { do: 'wait', ms: 200, lease: false }],
    ['a packet', { outbox: ['4'] }, {}, { do: 'take', ping: false }],
    ['another poll', { poll: { token: 'o', until: NOW + 1 } }, {}, { do: 'overlap', first: false }],
    [
      'another poll that came later',
      { poll: { token: `${(NOW + 1).toString(36)}-o`, until: NOW + 1 } },
      {},
      { do: 'overlap', first: true },
    ],
    [
      'a close that another poll has told',
      { closed: { reason: 'transport error', at: NOW }, pingedAt: NOW + 1 },
      { reads: 1, token: 't' },
      { do: 'overlap', first: false },
    ],
    [
      'a ping to send that is late by its own doing',
      { openedAt: NOW - 301_000, seenAt: 0 },
      { arrivedAt: NOW - 1_500, reads: 9 },
      { do: 'take', ping: true },
    ],
    [
      'an open ping too old',
      { openedAt: NOW - 400_000, seenAt: NOW - 350_000, pingedAt: NOW - 61_000 },
      { arrivedAt: NOW - 10_000, reads: 9 },
      { do: 'end', doom: { reason: 'ping timeout' } },
    ],
    [
      'a ping an interval after the last one, its answer later',
      { openedAt: NOW - 400_000, pingedAt: NOW - 240_000, seenAt: NOW - 200_000 },
      {},
      { do: 'take', ping: true },
    ],
    [
      'a function that started late',
      {},
      { arrivedAt: NOW - 12_000, lag: 8_000, reads: 9 },
      { do: 'release' },
    ],
    ['another poll that is over', { poll: { token: 'o', until: NOW } }, {}, { do: 'wait' }],
    ['its own lease', { poll: { token: 't', until: NOW + 1 } }, { token: 't' }, { do: 'wait' }],
    ['a probe', { probing: { connectionId, at: NOW } }, { reads: 2 }, { do: 'wait', ms: 100, lease: false }],
    [
      'a probe, and 100 ms over',
      { probing: { connectionId, at: NOW } },
      { arrivedAt: NOW - 100 },
      { do: 'release' },
    ],
    [
      'an old probe',
      { probing: { connectionId, at: NOW - 10_000 } },
      { arrivedAt: NOW - 100 },
      { do: 'wait' },
    ],
    ['twenty seconds over', {}, { arrivedAt: NOW - 20_000, reads: 9 }, { do: 'release' }],
    ['a last bit of them', {}, { arrivedAt: NOW - 19_990, reads: 9 }, { do: 'wait', ms: 10 }],
    ['an upgraded session', { transport: 'websocket' }, {}, { do: 'refuse', refusal: { code: 3 } }],
    [
      'a session upgraded meanwhile',
      { transport: 'websocket' },
      { reads: 1 },
      { do: 'refuse', refusal: { code: 3 } },
    ],
    ['a ping to send', { openedAt: NOW - 240_000, seenAt: NOW - 240_000 }, {}, { do: 'take', ping: true }],
    ['a ping that is open', { pingedAt: NOW + 1 }, {}, { do: 'wait' }],
    ['a ping soon', { openedAt: NOW - 239_990, seenAt: 0 }, {}, { do: 'wait', ms: 10 }],
    [
      'a dead client',
      { openedAt: NOW - 300_000, seenAt: 0 },
      {},
      { do: 'end', doom: { reason: 'ping timeout' } },
    ],
    [
      'no CONNECT for long',
      { openedAt: NOW - 45_000, joined: undefined as unknown as true },
      {},
      { do: 'end', doom: { orderly: true } },
    ],
    [
      'a long life',
      { openedAt: NOW - 7_200_000, seenAt: NOW },
      {},
      { do: 'end', doom: { reason: 'transport close' } },
    ],
    ['a closed session', { closed: { reason: 'forced close', at: NOW } }, {}, { do: 'close' }],
    [
      'one whose client was told',
      { closed: { reason: 'forced close', at: NOW }, pingedAt: NOW + 1 },
      {},
      { do: 'refuse', refusal: { code: 1 } },
    ],
    ['one closed long ago', { closed: { reason: 'forced close', at: NOW - 30_000 } }, {}, { do: 'refuse' }],
    [
      'one that timed out',
      { closed: { reason: 'ping timeout', at: NOW } },
      {},
      { do: 'refuse', refusal: { code: 1 } },
    ],
    [
      'one that timed out meanwhile',
      { closed: { reason: 'ping timeout', at: NOW } },
      { reads: 1 },
      { do: 'close' },
    ],
    [
      'one its client closed',
      { closed: { reason: 'transport close', at: NOW } },
      { reads: 1 },
      { do: 'leave' },
    ],
    [
      'one closed after its upgrade',
      { transport: 'websocket', closed: { reason: 'forced close', at: NOW } },
      {},
      { do: 'refuse', refusal: { code: 1 } },
    ],
    [
      'the same meanwhile',
      { transport: 'websocket', closed: { reason: 'forced close', at: NOW } },
      { reads: 1 },
      { do: 'leave' },
    ],
  ] as const)('with %s', (...[, session, poll, expected]) => {
    expect(step(session, poll)).toMatchObject(expected);
  });

  test('never waits for nothing, nor beyond what it may hold', () => {
    fc.assert(
      fc.property(
        fc.nat(19_999),
        fc.nat(200),
        fc.nat(600_000),
        fc.boolean(),
        (...[held, reads, seen, probes]) => {
          const probing = probes ? { probing: { connectionId, at: NOW - 5_000 } } : {};
          const next = step(
            { openedAt: NOW - seen, seenAt: NOW - seen, ...probing },
            { arrivedAt: NOW - held, reads },
          );
          if (next.do !== 'wait') return;
          expect(next.ms).toBeGreaterThanOrEqual(1);
          expect(held + next.ms).toBeLessThanOrEqual(20_000);
        },
      ),
    );
  });
});

describe('a sweep', () => {
  const socket = { transport: 'websocket', connectionId: 'c' as ConnectionId } as const;
  const step = (session: Partial<EngineSession>, look: Partial<Look> = {}) =>
    sweepStep({ ...SESSION, ...session }, { now: NOW, options, ping: true, ...look });
  const old = { openedAt: NOW - 600_000, seenAt: NOW - 240_000 };

  test.each([
    ['a closed session', { closed: { reason: '', at: 0 } }, {}, { do: 'leave', until: Infinity }],
    ['a young connection', socket, {}, { do: 'leave', until: NOW + 15_000 }],
    ['a connection', { ...socket, ...old }, {}, { do: 'ping' }],
    [
      'a connection whose ring is not due',
      { ...socket, ...old },
      { ping: false },
      { do: 'leave', until: NOW },
    ],
    ['a connection that answered', { ...socket, ...old }, { pingedAt: NOW - 240_000 }, { do: 'ping' }],
    [
      'a connection that may still answer',
      { ...socket, ...old },
      { pingedAt: NOW - 59_999 },
      { do: 'leave', until: NOW + 1 },
    ],
    [
      'a connection that did not',
      { ...socket, ...old },
      { pingedAt: NOW - 60_000 },
      { do: 'end', reason: 'ping timeout' },
    ],
    ['one due by its own clock', { ...socket, ...old }, { ping: 'interval' }, { do: 'ping' }],
    [
      'one that is not yet',
      { ...socket, ...old, seenAt: NOW - 1 },
      { ping: 'interval' },
      { do: 'leave', until: NOW + 120_000 },
    ],
    [
      'one that never joined',
      { ...socket, ...old, joined: undefined as unknown as true },
      {},
      { do: 'end', reason: 'forced server close' },
    ],
    [
      'one that may still join',
      { ...socket, joined: undefined as unknown as true },
      { ping: 'interval' },
      { do: 'leave', until: NOW + 45_000 },
    ],
    ['a polling session', {}, {}, { do: 'leave', until: NOW + 300_000 }],
    [
      'one that may be a WebSocket when its ping is due',
      {},
      { ping: 'interval' },
      { do: 'leave', until: NOW + 240_000 },
    ],
    ['one with an open ping', { pingedAt: NOW + 1 }, {}, { do: 'leave', until: NOW + 60_000 }],
    [
      'one that nobody polls',
      { openedAt: NOW - 301_500, seenAt: 0 },
      {},
      { do: 'end', reason: 'ping timeout' },
    ],
  ] as const)('leaves, pings or ends %s', (...[, session, look, expected]) => {
    expect(step(session as Partial<EngineSession>, look as Partial<Look>)).toEqual(expected);
  });
});
