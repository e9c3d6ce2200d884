import type { Scenario } from '../stage.ts';

export const STATE: readonly Scenario[] = [
  {
    name: 'socket.data lasts: set, changed in depth, removed',
    async play(stage) {
      const alice = await stage.join('alice', '/state');
      await alice.ask('data');
      await alice.ask('set', 'color', 'red');
      await alice.ask('set', 'deep', { list: [1, { x: null }] });
      await alice.ask('push', 'one');
      await alice.ask('push', 'two');
      await alice.ask('data');
      await alice.ask('forget', 'color');
      await alice.ask('data');
      const bob = await stage.join('bob', '/state');
      await bob.ask('data');
    },
  },
  {
    name: 'the handshake lasts',
    async play(stage) {
      const alice = await stage.join('alice', '/state', {
        auth: { token: 'secret', n: 1 },
        query: { token: 'in query' },
        extraHeaders: { 'X-Custom': 'in header' },
      });
      await alice.ask('identity');
      await alice.ask('identity');
    },
  },
  {
    name: 'events without a listener change nothing',
    async play(stage) {
      const alice = await stage.join('alice', '/state');
      alice.emit('nobody listens', 1);
      alice.socket.emit('nobody answers', () => {});
      await alice.ask('data');
    },
  },
];

/** Listeners live in memory: what is changed in one event is not seen by the next one on Lambda (docs/compatibility.md). */
export const IN_MEMORY: readonly Scenario[] = [
  {
    name: 'once',
    async play(stage) {
      const alice = await stage.join('alice', '/state');
      alice.emit('once');
      await alice.sees('event', 'once');
      await alice.fence();
      alice.emit('once');
      await alice.fence();
    },
  },
  {
    name: 'off',
    async play(stage) {
      const alice = await stage.join('alice', '/state');
      alice.emit('until off');
      await alice.sees('event', 'until off');
      await alice.ask('off');
      alice.emit('until off');
      await alice.fence();
    },
  },
];
