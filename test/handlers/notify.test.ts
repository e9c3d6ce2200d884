import { describe, expect, test } from 'vitest';

import { CausewayError } from '../../lambdas/domain/errors.ts';
import type { UserId } from '../../lambdas/domain/ids.ts';
import { serveNotice, type NoticeDeps } from '../../lambdas/handlers/notify/serve.ts';
import { createFakeAudience } from '../support/fakes/fake-audience.ts';
import { createFixedClock } from '../support/fakes/fake-runtime.ts';
import { createWorld, NOW, userId } from '../support/fakes/world.ts';

const anna = userId('anna');
const BUS = {
  id: 'event-1',
  'detail-type': 'notification.new',
  source: 'causeway',
  time: new Date(NOW).toISOString(),
  detail: { userId: anna, payload: { title: 'x' } },
};
const EMIT = {
  emit: { rooms: [anna], event: 'notification.new', args: [{ title: 'x' }], id: 'call-1', at: NOW },
};

function stage(over: Partial<NoticeDeps> = {}) {
  const audience = createFakeAudience([{ id: 'socket-1', userId: anna, rooms: [] }]);
  const world = createWorld({ audience });
  const emitted: unknown[] = [];
  const emit = async (emission: unknown) => {
    emitted.push(emission);
    return { sent: 2, gone: 0, failed: 1 };
  };
  const deps: NoticeDeps = { ...world, emit, clock: createFixedClock(NOW), ...over };
  const stored = async () =>
    (await world.notifications.list(anna, { limit: 10, unreadOnly: false })).notifications.length;
  return { deps, emitted, audience, world, serve: (event: unknown) => serveNotice(deps, event), stored };
}

describe.each([
  ['EventBridge', BUS],
  ['the Emitter', EMIT],
])('a notification of %s', (_title, event) => {
  test('is stored and pushed once, however often it comes', async () => {
    const { serve, stored, audience } = stage();
    const first = await serve(event);
    expect(first).toEqual({ notifications: [expect.stringMatching(/^[0-9A-Z]{26}$/)] });
    expect(await serve(event)).toEqual(first);
    expect(await stored()).toBe(1);
    expect(audience.heard).toMatchObject([{ socket: 'socket-1', event: { kind: 'notification.created' } }]);
  });
});

test('an event of the team’s own is emitted, and the Emitter told to how many', async () => {
  const { serve, emitted, stored } = stage();
  const emit = { ...EMIT.emit, event: 'ping', args: [1] };
  expect(await serve({ emit })).toEqual({ sockets: { sent: 2, gone: 0, failed: 1 } });
  expect(emitted).toEqual([{ namespace: '/', rooms: [anna], event: 'ping', args: [1], id: 'call-1' }]);
  expect(await stored()).toBe(0);
});

describe('what is wrong with it', () => {
  test.each([
    [{ ...BUS, detail: {} }, 'userId'],
    [{ ...BUS, detail: { userId: anna, payload: 'text' } }, 'payload'],
    [{ ...BUS, detail: { userId: anna, payload: { __proto__x: 1, constructor: {} } } }, 'payload'],
    [{ emit: { ...EMIT.emit, args: [] } }, 'payload'],
  ])('is told and logged; the event is dropped: %j', async (event, field) => {
    const { serve, world, stored } = stage();
    expect(await serve(event)).toMatchObject({ error: { code: 'invalid_field', field } });
    expect(await stored()).toBe(0);
    if ('source' in event) expect(world.log.lines).toMatchObject([{ level: 'warn' }]);
  });

  const busy = (code: 'unavailable' | 'internal') => {
    const { notifications } = createWorld();
    const add = () => Promise.reject(new CausewayError(code, 'a secret'));
    return { notifications: { ...notifications, add } };
  };

  test.each(['unavailable', 'internal'] as const)(
    'when we are: `%s` makes Lambda try an event of EventBridge again',
    async (code) => {
      await expect(stage(busy(code)).serve(BUS)).rejects.toMatchObject({ code });
    },
  );

  test('all are told before the Emitter hears that one could not be', async () => {
    const ben = userId('ben');
    const done: string[] = [];
    const { notifications } = createWorld();
    const { serve } = stage({
      notifications: {
        ...notifications,
        async add({ userId: to }) {
          if (to === anna) throw new CausewayError('unavailable', 'busy');
          await new Promise((resolve) => setImmediate(resolve));
          done.push(to);
          return 'stored';
        },
      },
    });
    const emit = { ...EMIT.emit, rooms: [anna, ben] };
    expect(await serve({ emit })).toMatchObject({ error: { code: 'unavailable' } });
    expect(done).toEqual([ben]);
  });

  test('when we are, the Emitter is told, and not of our insides', async () => {
    const answer = (await stage(busy('unavailable')).serve(EMIT)) as { error: { message: string } };
    expect(answer).toMatchObject({ error: { code: 'unavailable' } });
    expect(answer.error.message).not.toContain('secret');
  });

  test.each([
    [['anna'], 'user_anna', 'anna'],
    [['anna', 'user_anna'], 'user_anna', 'user_anna'],
    [[], 'user_anna', 'user_anna'],
    [['anna'], 'anna', 'anna'],
  ])('with users %j, %s is %s', async (names, room, meant) => {
    const { serve, world, deps } = stage();
    for (const name of names)
      await deps.sessions.admit({ id: name as UserId, username: name, createdAt: NOW }, 'create', NOW);
    const answer = await serve({ emit: { ...EMIT.emit, rooms: [room] } });
    expect(answer).toEqual({ notifications: [expect.any(String)] });
    const page = await world.notifications.list(meant as UserId, { limit: 10, unreadOnly: false });
    expect(page.notifications).toHaveLength(1);
  });
});
