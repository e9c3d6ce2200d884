import { describe, expect, test } from 'vitest';

import { isHeld, release, unlessHeld } from '../../../compat/engine/held.ts';
import { createMemorySocketIoStores } from '../../../lambdas/adapters/memory/socketio/create-memory-socketio-stores.ts';
import type { EnginePacket } from '../../../lambdas/ports/socketio.ts';
import { someWebSocket } from '../../contract/socketio-data.ts';
import { createFixedClock, createRecordingLog } from '../../support/fakes/fake-runtime.ts';

const NOW = 1_700_000_000_000;

async function stage() {
  const clock = createFixedClock(NOW);
  const stores = createMemorySocketIoStores(clock);
  const session = someWebSocket({ openedAt: NOW });
  await stores.sessions.open(session, NOW + 3_600_000);
  const until = NOW + 1_000;
  await stores.sessions.hold(session.sid, until);
  const sent: EnginePacket[] = [];
  const send = async (packets: readonly EnginePacket[]) => void sent.push(...packets);
  const ended: string[] = [];
  const sessions = {
    deliver: async () => 'sent' as const,
    end: async (sid: string, reason: string) => void ended.push(`${sid} ${reason}`),
  };
  const engine = { stores, clock, sessions, log: createRecordingLog() };
  return { engine, clock, stores, session: { ...session, heldUntil: until }, until, sent, send, ended };
}

const offset = '0loyw56wg-0001af4ZjQ';

describe('what a session is told while a socket of it comes back', () => {
  test('is sent after what was missed, but for what was missed, too, with its attachments', async () => {
    const { engine, session, until, sent, send, stores } = await stage();
    const known = `42["said","one","${offset}"]`;
    const binary = `451-["bytes",{"_placeholder":true,"num":0},"${offset}"]`;
    for (const packets of [[known], [binary, 'baGk='], ['42["typing"]'], ['451-["other"]', 'baGk=']])
      expect(await stores.sessions.defer(session.sid, until, packets)).toBe('deferred');

    await release(engine, session, { held: { until, known: new Set([offset]) }, send });

    expect(sent).toEqual(['42["typing"]', '451-["other"]', 'baGk=']);
    expect(await stores.sessions.defer(session.sid, until, ['42'])).toBe('free');
  });

  test('is sent, too, when it comes while that is being sent', async () => {
    const { engine, session, until, sent, stores } = await stage();
    await stores.sessions.defer(session.sid, until, ['1']);
    const send = async (packets: readonly EnginePacket[]) => {
      if (sent.length < 3) await stores.sessions.defer(session.sid, until, [`after ${packets[0]}`]);
      sent.push(...packets);
    };
    await release(engine, session, { held: { until, known: new Set() }, send });
    expect(sent).toEqual(['1', 'after 1', 'after after 1', 'after after after 1']);
  });

  test('does not keep a run busy for ever', async () => {
    const { engine, session, until, stores, ended } = await stage();
    await stores.sessions.defer(session.sid, until, ['1']);
    const send = async () => void (await stores.sessions.defer(session.sid, until, ['more']));
    await release(engine, session, { held: { until, known: new Set() }, send });
    expect(engine.log.at('warn')).toHaveLength(1);
    expect(ended).toEqual([`${session.sid} transport error`]);
  });

  test('is deferred by other runs of the session, too, as long as it is held', async () => {
    const { engine, session, sent, send, stores, until, clock } = await stage();
    expect(isHeld(engine, session)).toBe(true);
    await unlessHeld(engine, session, { packets: ['mine'], send });
    await unlessHeld(engine, session, { packets: [], send });
    expect(sent).toEqual([]);
    expect(await stores.sessions.release(session.sid, until)).toEqual(['mine']);
    expect(await stores.sessions.release(session.sid, until)).toBe('free');
    await unlessHeld(engine, session, { packets: ['now'], send });
    clock.advance(1_000);
    expect(isHeld(engine, session)).toBe(false);
    await unlessHeld(engine, session, { packets: ['later'], send });
    expect(sent).toEqual(['now', 'later']);
  });
});
