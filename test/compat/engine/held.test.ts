import { describe, expect, test, vi } from 'vitest';

import { isHeld, release, unlessHeld } from '../../../compat/engine/held.ts';
import { undeferred } from '../../../lambdas/app/deferred.ts';
import { createMemorySocketIoStores } from '../../../lambdas/adapters/memory/socketio/create-memory-socketio-stores.ts';
import { offsetAt } from '../../../lambdas/domain/offset.ts';
import { HOLD } from '../../../lambdas/manifest/limits.ts';
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
  const held = (...offsets: readonly string[]) => ({ since: NOW, until, known: new Set(offsets) });
  return { engine, clock, stores, session: { ...session, heldUntil: until }, until, held, sent, send, ended };
}

const offset = '0loyw56wg-0001af4ZjQ';

describe('what a session is told while a socket of it comes back', () => {
  test('is sent after what was missed, but for what was missed, too, with its attachments', async () => {
    const { engine, session, until, held, sent, send, stores } = await stage();
    const known = `42["said","one","${offset}"]`;
    // Of chat the same event has the same offset in each of its namespaces, and another one may not have missed it.
    const elsewhere = `42/b,["said","one","${offset}"]`;
    const binary = `451-["bytes",{"_placeholder":true,"num":0},"${offset}"]`;
    for (const packets of [
      [known],
      [binary, 'baGk='],
      ['42["typing"]'],
      ['451-["other"]', 'baGk='],
      [elsewhere],
    ])
      expect(await stores.sessions.defer(session.sid, until, packets)).toBe('deferred');

    await release(engine, session, { held: held(offset), send });

    expect(sent).toEqual(['42["typing"]', '451-["other"]', 'baGk=', elsewhere]);
    expect(await stores.sessions.defer(session.sid, until, ['42'])).toBe('free');
  });

  test('is sent, too, when it comes while that is being sent', async () => {
    const { engine, session, until, held, sent, stores } = await stage();
    await stores.sessions.defer(session.sid, until, ['1']);
    const send = async (packets: readonly EnginePacket[]) => {
      if (sent.length < 3) await stores.sessions.defer(session.sid, until, [`after ${packets[0]}`]);
      sent.push(...packets);
    };
    await release(engine, session, { held: held(), send });
    expect(sent).toEqual(['1', 'after 1', 'after after 1', 'after after after 1']);
  });

  test('is not sent after that, either, when it was found in the log: what was said at the time may be told only now', async () => {
    const { engine, session, until, held, send } = await stage();
    const [early, late, old] = [offsetAt(NOW - HOLD.toldMs), offsetAt(NOW + 200), offsetAt(NOW - 60_000)];
    const said = (text: string) => `42["said","${text}"]`;
    await release(engine, session, { held: held(early, late, old), send });
    const packets = ['42["typing"]', said(early), said(old), '42["typing"]', said(late)];
    const deps = { sessions: engine.stores.sessions, clock: engine.clock };
    expect(await undeferred(deps, { ...session, heldUntil: until }, packets)).toEqual([
      '42["typing"]',
      said(old),
      '42["typing"]',
    ]);
    const { heldUntil: _heldUntil, ...never } = session;
    expect(await undeferred(deps, never, packets)).toBe(packets);
  });

  test('is remembered of a crowd of events as far as others may still be telling them', async () => {
    const { engine, session, held, send, stores } = await stage();
    const released = vi.spyOn(stores.sessions, 'release');
    const offsets = Array.from({ length: 2 * HOLD.told }, (_, n) => offsetAt(NOW + n));
    await release(engine, session, { held: held(...offsets), send });
    expect(released).toHaveBeenCalledWith(session.sid, expect.anything(), offsets.slice(-HOLD.told));
  });

  test('does not keep a run busy for ever', async () => {
    const { engine, session, until, held, stores, ended } = await stage();
    await stores.sessions.defer(session.sid, until, ['1']);
    const send = async () => void (await stores.sessions.defer(session.sid, until, ['more']));
    await release(engine, session, { held: held(), send });
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
