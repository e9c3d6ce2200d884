import { describe, expect, test } from 'vitest';
import { FAN_OUT } from '../../lambdas/manifest/limits.ts';
import type { Place, SocketEntry, SocketIoStores } from '../../lambdas/ports/socketio.ts';
import { HOUR, NOW, race, someConnectionId, sorted } from './data.ts';
import {
  LATER,
  SECOND,
  someEntry,
  someNamespace,
  someSid,
  type SocketIoSubject,
  type SocketIoTable,
} from './socketio-data.ts';

const ids = (entries: readonly SocketEntry[]) => sorted(entries.map(({ socketId }) => socketId));
const somePlace = (): Place => ({ nsp: someNamespace(), room: 'general' });

export function socketIndexContract(subject: () => SocketIoSubject): void {
  const sockets = () => subject().stores.sockets;

  describe('SocketIndex', () => {
    test('lists who was added, once, and only in that place', async () => {
      const { nsp } = somePlace();
      const { connectionId: _none, ...polling } = someEntry();
      const odd = { socketId: 'any id at all', sid: 'not base64!' as never, connectionId: 'c' as never };
      for (const entry of [someEntry(), polling, odd]) {
        const place = { nsp, room: entry.socketId };
        await sockets().add(place, entry, LATER);
        await sockets().add(place, entry, LATER);
        expect(await sockets().list(place, NOW)).toEqual([entry]);
      }
      expect(await sockets().list({ nsp }, NOW)).toEqual([]);
    });

    test('keeps rooms, namespaces and their shards apart', async () => {
      const nsp = someNamespace();
      const places: Place[] = [
        { nsp },
        ...['', '0', '1', '0#a', 'a', '#', '!', 'x'.repeat(3_000), `${'x'.repeat(3_000)}y`].map((room) => ({
          nsp,
          room,
        })),
        ...['#', '#0', '#1', '#0#a', '%23'].map((more) => ({ nsp: nsp + more })),
        { nsp: nsp + 'x'.repeat(3_000) },
      ];
      const entries = places.map(() => someEntry());
      await race(places.length, (n) => sockets().add(places[n] ?? { nsp }, entries[n] ?? someEntry(), LATER));
      for (const [n, place] of places.entries())
        expect(await sockets().list(place, NOW)).toEqual([entries[n]]);
    });

    test('an upgrade replaces how a socket is reached', async () => {
      const place = somePlace();
      const { connectionId: _none, ...polling } = someEntry();
      await sockets().add(place, polling, LATER);
      const upgraded = { ...polling, connectionId: someConnectionId() };
      await sockets().add(place, upgraded, LATER);
      expect(await sockets().list(place, NOW)).toEqual([upgraded]);
    });

    test('a removed socket is gone; removing again is harmless', async () => {
      const place = somePlace();
      const [entry, other] = [someEntry(), someEntry()];
      await sockets().add(place, entry, LATER);
      await sockets().add(place, other, LATER);
      await sockets().remove(place, entry);
      await sockets().remove(place, entry);
      expect(await sockets().list(place, NOW)).toEqual([other]);
    });

    test('removes the entry of the session that was named, not of one that has the socket now', async () => {
      const place = somePlace();
      const lost = someEntry();
      const recovered = { ...someEntry(), socketId: lost.socketId };
      await sockets().add(place, lost, LATER);
      await sockets().add(place, recovered, LATER);
      await sockets().remove(place, lost);
      expect(await sockets().list(place, NOW)).toEqual([recovered]);
      await sockets().remove(place, recovered);
      expect(await sockets().list(place, NOW)).toEqual([]);
    });

    test('a tag is kept with an entry and can be changed, for the session that owns it', async () => {
      const place = somePlace();
      const [tagged, plain] = [{ ...someEntry(), tag: 'chats' }, someEntry()];
      await sockets().add({ nsp: place.nsp }, tagged, LATER);
      await sockets().add(place, plain, LATER);
      expect(await sockets().list({ nsp: place.nsp }, NOW)).toEqual([tagged]);
      expect(await sockets().find(place.nsp, tagged.socketId, NOW)).toEqual(tagged);
      await sockets().tag(place, { ...plain, sid: someSid() }, 'rooms');
      expect(await sockets().list(place, NOW)).toEqual([plain]);
      await sockets().tag(place, plain, 'rooms');
      expect(await sockets().list(place, NOW)).toEqual([{ ...plain, tag: 'rooms' }]);
      expect(await sockets().list(place, LATER)).toEqual([]);
    });

    test('a tag brings no entry back that was removed', async () => {
      const place = somePlace();
      const entry = someEntry();
      await sockets().add(place, entry, LATER);
      await sockets().remove(place, entry);
      await sockets().tag(place, entry, 'chats');
      expect(await sockets().list(place, NOW)).toEqual([]);
    });

    test('expired entries are not listed; adding again extends their life', async () => {
      const place = somePlace();
      const entry = someEntry();
      await sockets().add(place, entry, LATER);
      expect(await sockets().list(place, LATER - SECOND)).toEqual([entry]);
      expect(await sockets().list(place, LATER)).toEqual([]);
      await sockets().add(place, entry, LATER + HOUR);
      expect(await sockets().list(place, LATER)).toEqual([entry]);
    });

    test('a few are all that there are; of a crowd one sees that it is one', async () => {
      const place = somePlace();
      const entries = await filled(subject().stores, place, 7);
      await sockets().add(place, someEntry(), NOW);
      expect(ids(await sockets().few(place, NOW, 50))).toEqual(ids(entries));
      expect((await sockets().few(place, NOW, 3)).length).toBeGreaterThan(3);
      expect((await sockets().few(place, NOW, 0)).length).toBeGreaterThan(0);
      expect(await sockets().few(somePlace(), NOW, 0)).toEqual([]);
    });

    test('finds a socket of a namespace by its id', async () => {
      const nsp = someNamespace();
      const [entry, inRoom] = [someEntry(), someEntry()];
      await sockets().add({ nsp }, entry, LATER);
      await sockets().add({ nsp, room: 'r' }, inRoom, LATER);
      expect(await sockets().find(nsp, entry.socketId, NOW)).toEqual(entry);
      expect(await sockets().find(nsp, entry.socketId, LATER)).toBeUndefined();
      expect(await sockets().find(nsp, inRoom.socketId, NOW)).toBeUndefined();
      for (const id of ['', '!', 'x'.repeat(3_000), someSid()])
        expect(await sockets().find(nsp, id, NOW)).toBeUndefined();
    });

    test('a room larger than one shard is listed in full, before and after', async () => {
      const place = somePlace();
      const count = FAN_OUT.membersPerShard + 50;
      const entries = await filled(subject().stores, place, count);
      expect(ids(await sockets().list(place, NOW))).toEqual(ids(entries));
      const later = await filled(subject().stores, place, 20);
      const again = entries.slice(0, 20).map((entry) => ({ ...entry, connectionId: someConnectionId() }));
      await race(20, (n) => sockets().add(place, again[n] ?? someEntry(), LATER));

      const listed = await sockets().list(place, NOW);

      expect(ids(listed)).toEqual(ids([...entries, ...later]));
      for (const entry of later) expect(listed).toContainEqual(entry);
      for (const entry of [...entries, ...later]) await sockets().remove(place, entry);
      expect(await sockets().list(place, NOW)).toEqual([]);
    });
  });
}

async function filled(stores: SocketIoStores, place: Place, count: number): Promise<readonly SocketEntry[]> {
  const entries = Array.from({ length: count }, () => someEntry());
  for (let at = 0; at < count; at += 100)
    await race(Math.min(100, count - at), (n) =>
      stores.sockets.add(place, entries[at + n] ?? someEntry(), LATER),
    );
  return entries;
}

/** With several function instances, of which some do not know yet that a room has grown. */
export function socketShardContract(subject: () => SocketIoTable): void {
  describe('SocketIndex: shards', () => {
    /** A namespace (`room` absent) or room after its first growth; `stale` still takes it for small. */
    async function grown(place: Place) {
      const [knowing, stale] = [subject().another(), subject().another()];
      await stale.sockets.list({ nsp: place.nsp }, NOW);
      await stale.sockets.list(place, NOW);
      const early = await filled(stale, place, FAN_OUT.membersPerShard + 1);
      await knowing.sockets.list(place, NOW);
      return { early, knowing, stale, fresh: subject().another() };
    }

    test.each([undefined, 'r'])('everybody finds and removes what anybody added (room %s)', async (room) => {
      const place = { nsp: someNamespace(), ...(room !== undefined && { room }) };
      const { early, ...instances } = await grown(place);
      const added: SocketEntry[] = [];
      for (const stores of Object.values(instances)) added.push(...(await filled(stores, place, 8)));
      for (const stores of Object.values(instances)) {
        const listed = await stores.sockets.list(place, NOW);
        expect(ids(listed)).toEqual(ids([...early, ...added]));
      }
      const all = [...early.slice(0, 16), ...added];
      for (const [n, entry] of all.entries()) {
        const { socketId } = entry;
        const stores = [instances.knowing, subject().another(), instances.stale][n % 3] ?? instances.fresh;
        if (room === undefined)
          expect((await stores.sockets.find(place.nsp, socketId, NOW))?.socketId).toBe(socketId);
        await stores.sockets.remove(place, entry);
      }
      expect(ids(await instances.stale.sockets.list(place, NOW))).toEqual(ids(early.slice(16)));
    });

    test('an instance that has not learnt of a growth finds sockets written after it', async () => {
      const nsp = someNamespace();
      const { knowing, stale } = await grown({ nsp });
      for (const { socketId } of await filled(knowing, { nsp }, 8))
        expect((await stale.sockets.find(nsp, socketId, NOW))?.socketId).toBe(socketId);
      for (const entry of await filled(knowing, { nsp }, 8)) {
        const other = subject().another();
        await other.sockets.remove({ nsp }, entry);
        expect(await knowing.sockets.find(nsp, entry.socketId, NOW)).toBeUndefined();
      }
    });

    test('an entry moved by an upgrade after the growth is listed once, as it is reached now, and removed for good', async () => {
      const place = somePlace();
      const { early, knowing, fresh } = await grown(place);
      const moved = early.slice(0, 8).map(({ connectionId: _none, ...polling }) => polling);
      await race(8, (n) => fresh.sockets.add(place, moved[n] ?? someEntry(), LATER));
      const upgraded = moved.map((entry) => ({ ...entry, connectionId: someConnectionId() }));
      await race(8, (n) => knowing.sockets.add(place, upgraded[n] ?? someEntry(), LATER));
      const listed = await fresh.sockets.list(place, NOW);
      expect(listed).toHaveLength(early.length);
      for (const entry of upgraded) expect(listed).toContainEqual(entry);
      for (const entry of upgraded) await knowing.sockets.remove(place, entry);
      expect(ids(await fresh.sockets.list(place, NOW))).toEqual(ids(early.slice(8)));
    });

    test('a tag reaches an entry wherever it was written', async () => {
      const place = somePlace();
      const { early, knowing, stale, fresh } = await grown(place);
      const [one, other] = [await filled(knowing, place, 8), await filled(stale, place, 8)];
      const all = [...early.slice(0, 4), ...one, ...other];
      for (const [n, entry] of all.entries())
        await ([knowing, stale, fresh][n % 3] ?? fresh).sockets.tag(place, entry, 'chats');
      const listed = await subject().another().sockets.list(place, NOW);
      for (const entry of all) expect(listed).toContainEqual({ ...entry, tag: 'chats' });
      expect(listed.filter(({ tag }) => tag !== undefined)).toHaveLength(all.length);
    });

    test('a row that a removal by an instance that knew of no growth left behind goes with the next removal', async () => {
      const place = somePlace();
      const { early, knowing, stale, fresh } = await grown(place);
      const twice = Array.from({ length: 16 }, () => someEntry());
      for (const entry of twice) await stale.sockets.add(place, entry, LATER);
      for (const entry of twice) await knowing.sockets.add(place, entry, LATER);
      for (const entry of twice) await stale.sockets.remove(place, entry);
      const left = await fresh.sockets.list(place, NOW);
      expect(left.length).toBeGreaterThan(early.length);
      for (const entry of twice) await stale.sockets.remove(place, entry);
      expect(ids(await fresh.sockets.list(place, NOW))).toEqual(ids(early));
    });

    test('of two rows of a socket the one with a connection counts, whichever instance wrote which', async () => {
      const place = somePlace();
      const { early, knowing, stale, fresh } = await grown(place);
      const upgraded = Array.from({ length: 16 }, () => someEntry());
      const polling = upgraded.map(({ connectionId: _none, ...entry }) => entry);
      const [one, other] = [knowing, stale];
      for (const [n, entry] of upgraded.entries()) {
        await (n % 2 === 0 ? one : other).sockets.add(place, polling[n] ?? entry, LATER);
        await (n % 2 === 0 ? other : one).sockets.add(place, entry, LATER);
      }
      const listed = await fresh.sockets.list(place, NOW);
      expect(ids(listed)).toEqual(ids([...early, ...upgraded]));
      for (const entry of upgraded) expect(listed).toContainEqual(entry);
    });
  });
}
