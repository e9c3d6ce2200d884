import { describe, expect, test } from 'vitest';

import { decodeNotice, isBusEvent } from '../../lambdas/wire/notice.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const BUS = {
  version: '0',
  id: '17793124-05d4-b198-2fde-7ededc63b103',
  'detail-type': 'notification.new',
  source: 'causeway',
  account: '123456789012',
  time: '2026-01-02T03:04:00Z',
  region: 'us-east-1',
  resources: [],
  detail: { userId: 'anna', payload: { title: 'x' } },
};
const EMIT = {
  rooms: ['anna'],
  event: 'notification.new',
  args: [{ title: 'x' }],
  id: 'call-1',
  at: NOW - 5,
};
const emit = (changes: object = {}) => ({ emit: { ...EMIT, ...changes } });

describe('an event of EventBridge', () => {
  test('is a notification that arrived when it was put on the bus, known by its id', () => {
    expect(isBusEvent(BUS)).toBe(true);
    expect(decodeNotice(BUS, NOW)).toEqual({
      ok: true,
      value: {
        kind: 'notifications',
        userIds: ['anna'],
        payload: { title: 'x' },
        arrival: { requestId: BUS.id, at: NOW - 5_000 },
      },
    });
  });

  test.each([
    [{ detail: undefined }, 'invalid_field', 'detail'],
    [{ detail: [] }, 'invalid_field', 'detail'],
    [{ detail: { payload: {} } }, 'invalid_field', 'userId'],
    [{ detail: { userId: 7, payload: {} } }, 'invalid_field', 'userId'],
    [{ detail: { userId: 'a#b', payload: {} } }, 'invalid_field', 'userId'],
    [{ detail: { userId: 'anna' } }, 'invalid_field', 'payload'],
    [{ source: 'shop' }, 'unknown_action', undefined],
    [{ 'detail-type': 'order.paid' }, 'unknown_action', undefined],
    [{ id: undefined }, 'unknown_action', undefined],
  ])('with %j is refused', (changes, code, field) => {
    const { ok, error } = decodeNotice({ ...BUS, ...changes }, NOW) as { ok: boolean; error: object };
    expect(ok).toBe(false);
    expect(error).toMatchObject({ code, ...(field && { field }) });
  });

  test.each([null, undefined, 7, 'x', [], {}])('%j is none', (event) => {
    expect(isBusEvent(event)).toBe(false);
    expect(decodeNotice(event, NOW)).toMatchObject({ ok: false, error: { code: 'unknown_action' } });
  });
});

describe('what the Emitter sends', () => {
  test('is a notification for each user that is named, once', () => {
    expect(decodeNotice(emit({ rooms: ['anna', 'user_7', 'anna'] }), NOW)).toEqual({
      ok: true,
      value: {
        kind: 'notifications',
        userIds: ['anna', 'user_7'],
        payload: { title: 'x' },
        arrival: { requestId: 'call-1', at: NOW - 5 },
      },
    });
  });

  test('is an event of the team’s own when it is no notification, or in a namespace by name', () => {
    const args = [1, null, { a: [] }];
    expect(decodeNotice(emit({ event: 'ping', args, rooms: [] }), NOW)).toMatchObject({
      value: { kind: 'emission', emission: { namespace: '/', rooms: [], event: 'ping', args, id: 'call-1' } },
    });
    expect(decodeNotice(emit({ namespace: '/admin' }), NOW)).toMatchObject({
      value: { kind: 'emission', emission: { namespace: '/admin', event: 'notification.new' } },
    });
  });

  test.each([
    ['ahead of ours', NOW + 60_000, NOW],
    ['behind ours', NOW - 60_000, NOW - 60_000],
    ['no whole number', NOW - 0.5, NOW - 1],
    ['before 1970', -1, NOW],
  ])('counts as of the caller’s clock, unless that is %s', (_title, at, expected) => {
    expect(decodeNotice(emit({ at }), NOW)).toMatchObject({ value: { arrival: { at: expected } } });
  });

  test.each([
    [{ rooms: 'anna' }, 'rooms'],
    [{ rooms: [''] }, 'rooms.0'],
    [{ rooms: Array.from({ length: 101 }, String) }, 'rooms'],
    [{ rooms: [] }, 'rooms'],
    [{ rooms: ['anna', 'a room'] }, 'rooms.1'],
    [{ event: '' }, 'event'],
    [{ event: 'connect_error' }, 'event'],
    [{ args: {} }, 'args'],
    [{ namespace: 'admin' }, 'namespace'],
    [{ namespace: '/a,b' }, 'namespace'],
    [{ id: undefined }, 'id'],
    [{ at: 'now' }, 'at'],
  ])('with %j is refused', (changes, field) => {
    expect(decodeNotice(emit(changes), NOW)).toMatchObject({
      ok: false,
      error: { code: 'invalid_field', field },
    });
  });

  test.each([null, 7, 'x', []])('is an object, not %j', (value) => {
    expect(decodeNotice({ emit: value }, NOW)).toMatchObject({ error: { field: 'emit' } });
  });
});
