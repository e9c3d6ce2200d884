import { afterEach, describe, expect, test } from 'vitest';
import { NOW, race } from './data.ts';
import { LATER, SECOND, type SocketIoSubject, someNamespace, someSocketId } from './socketio-data.ts';

const packet = (offset: string, over: { readonly except?: readonly string[] } = {}) => ({
  offset,
  data: `["event",${JSON.stringify(offset)}]`,
  except: [],
  ...over,
});

export function packetLogContract(subject: () => SocketIoSubject): void {
  const packets = () => subject().stores.packets;

  describe('PacketLog', () => {
    test('gives what came after an offset, oldest first', async () => {
      const place = { nsp: someNamespace(), room: 'r' };
      const logged = ['b', 'c', 'a'].map((offset) => packet(offset, { except: [offset, 'x'] }));
      for (const one of logged) await packets().append(place, one, LATER);
      const offsets = async (after: string) =>
        (await packets().since(place, after, NOW)).map(({ offset }) => offset);
      expect(await packets().since(place, 'b', NOW)).toEqual([logged[1]]);
      expect(await offsets('a')).toEqual(['b', 'c']);
      expect(await offsets('')).toEqual(['a', 'b', 'c']);
      expect(await offsets('a0')).toEqual(['b', 'c']);
      expect(await offsets('z'.repeat(5_000))).toEqual([]);
    });

    test('keeps rooms, the whole namespace and namespaces apart', async () => {
      const nsp = someNamespace();
      const places = [
        { nsp },
        { nsp, room: '' },
        { nsp, room: 'a' },
        { nsp, room: '0' },
        { nsp, room: 'x'.repeat(3_000) },
        { nsp: `${nsp}#0` },
        { nsp: `${nsp}#0#a` },
        { nsp: `${nsp}%230`, room: 'a' },
      ];
      await race(places.length, (n) => packets().append(places[n] ?? { nsp }, packet(String(n)), LATER));
      for (const [n, place] of places.entries())
        expect(await packets().since(place, '', NOW)).toEqual([packet(String(n))]);
    });

    test('says how late a packet was told, once that is noted', async () => {
      const place = { nsp: someNamespace() };
      await packets().append(place, packet('a'), LATER);
      await packets().append(place, { ...packet('a'), until: NOW, turn: 'a.1.1.0' }, LATER);
      expect(await packets().since(place, '', NOW)).toEqual([
        { ...packet('a'), until: NOW, turn: 'a.1.1.0' },
      ]);
    });

    test('forgets after the window; appending twice is appending once', async () => {
      const place = { nsp: someNamespace() };
      await packets().append(place, packet('a'), LATER);
      await packets().append(place, packet('a'), LATER);
      await packets().append(place, packet('b'), LATER + SECOND);
      expect(await packets().since(place, '', LATER - SECOND)).toHaveLength(2);
      expect(await packets().since(place, '', LATER)).toEqual([packet('b')]);
    });
  });
}

export function ackContract(subject: () => SocketIoSubject): void {
  const acks = () => subject().stores.acks;
  afterEach(() => {
    subject().clock.at = NOW;
  });

  describe('AckStore', () => {
    test('collects one answer of each socket, the first', async () => {
      const ack = { nsp: someNamespace(), id: 2 ** 31 - 1 };
      const [one, other] = [someSocketId(), someSocketId()];
      await acks().answer(ack, { socketId: one, args: '[1]' }, LATER);
      await acks().answer(ack, { socketId: one, args: '[2]' }, LATER);
      await acks().answer(ack, { socketId: other, args: '[]' }, LATER);
      const answers = await acks().answers(ack);
      expect(answers).toHaveLength(2);
      expect(answers).toContainEqual({ socketId: one, args: '[1]' });
      expect(answers).toContainEqual({ socketId: other, args: '[]' });
    });

    test('keeps acks and namespaces apart', async () => {
      const nsp = someNamespace();
      await acks().answer({ nsp, id: 1 }, { socketId: someSocketId(), args: '[]' }, LATER);
      expect(await acks().answers({ nsp, id: 2 })).toEqual([]);
      expect(await acks().answers({ nsp: `${nsp}#1`, id: 1 })).toEqual([]);
      expect(await acks().answers({ nsp, id: 1 })).toHaveLength(1);
    });

    test('an id may be used again once its answers have expired', async () => {
      const ack = { nsp: someNamespace(), id: 7 };
      const socketId = someSocketId();
      await acks().answer(ack, { socketId, args: '["old"]' }, NOW + SECOND);
      subject().clock.at = NOW + SECOND;
      expect(await acks().answers(ack)).toEqual([]);
      await acks().answer(ack, { socketId, args: '["new"]' }, LATER);
      expect(await acks().answers(ack)).toEqual([{ socketId, args: '["new"]' }]);
    });
  });
}
