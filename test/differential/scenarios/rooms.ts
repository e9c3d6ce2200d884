import type { Scenario, Stage } from '../stage.ts';

/** alice in red, bob in red and blue, carol in blue and green, dave in none. */
async function painters(stage: Stage) {
  const [alice, bob, carol, dave] = await stage.cast(['alice', 'bob', 'carol', 'dave'], '/rooms');
  await alice.ask('join', 'red');
  await bob.ask('join', ['red', 'blue']);
  await carol.ask('join', 'blue');
  await carol.ask('join', 'green');
  return { alice, bob, carol, dave };
}

export const ROOMS: readonly Scenario[] = [
  {
    name: 'joining, leaving, joining again, rooms',
    async play(stage) {
      const alice = await stage.join('alice', '/rooms');
      await alice.ask('rooms');
      await alice.ask('join', 'a');
      await alice.ask('join', ['b', 'c', 'a']);
      await alice.ask('leave', 'b');
      await alice.ask('leave', 'never joined');
      await alice.ask('rooms');
      await alice.ask('join', 'b');
      await alice.ask('in', ['b'], 'back');
      await alice.sees('event', 'news');
    },
  },
  {
    name: 'room names of any kind are told apart',
    async play(stage) {
      const [alice, bob] = await stage.cast(['alice', 'bob'], '/rooms');
      const names = ['a#b', 'a', 'b', 'a/b', ' ', 'ż 漢 😀', '#', 'A', 'x'.repeat(200), '__proto__'];
      for (const name of names) {
        await alice.ask('join', name);
        await bob.ask('in', [name], name);
      }
      await bob.ask('join', 'a#');
      await bob.ask('in', ['a#'], 'only bob');
    },
  },
  {
    name: 'to a room, with and without oneself',
    async play(stage) {
      const { alice, bob, dave } = await painters(stage);
      await alice.ask('to', ['red'], 'others in red');
      await bob.sees('event', 'news');
      await alice.ask('in', ['red'], 'all in red');
      await bob.sees('event', 'news');
      await dave.ask('to', ['red', 'blue'], 'from outside');
      await bob.sees('event', 'news');
    },
  },
  {
    name: 'a socket in several of the rooms gets one copy',
    async play(stage) {
      const { alice, bob, carol } = await painters(stage);
      await carol.ask('in', ['red', 'blue', 'green'], 'once');
      for (const actor of [alice, bob, carol]) await actor.sees('event', 'news');
      await alice.ask('chain');
      for (const actor of [alice, bob]) await actor.sees('event', 'news');
    },
  },
  {
    name: 'except rooms',
    async play(stage) {
      const { alice, bob, dave } = await painters(stage);
      await bob.ask('except', ['green']);
      await alice.sees('event', 'news');
      await alice.sees('event', 'news');
      await dave.sees('event', 'news');
      await dave.ask('except', ['red', 'blue']);
      await dave.ask('except', ['nobody is in it']);
      for (const actor of [alice, bob]) await actor.sees('event', 'news');
    },
  },
  {
    name: 'broadcast to all others and to all',
    async play(stage) {
      const { alice, bob, carol, dave } = await painters(stage);
      await alice.ask('broadcast');
      for (const actor of [bob, carol, dave]) {
        await actor.sees('event', 'news');
        await actor.sees('event', 'news');
      }
    },
  },
  {
    name: 'an id is a room',
    async play(stage) {
      const { alice, bob } = await painters(stage);
      await alice.ask('to one', bob.socket.id);
      await bob.sees('event', 'news');
      await bob.sees('event', 'news');
      await alice.ask('to one', alice.socket.id);
      await alice.sees('event', 'news');
      await alice.ask('to one', 'no such id');
    },
  },
  {
    name: 'what one handler sends to one socket stays in order',
    async play(stage) {
      const { alice, bob } = await painters(stage);
      await alice.ask('mixed', 'red');
      await bob.sees('event', 'news');
      await bob.sees('event', 'news');
    },
  },
  {
    name: 'joining and sending without waiting',
    async play(stage) {
      const { dave } = await painters(stage);
      await dave.ask('join and tell', 'new room');
      await dave.sees('event', 'news');
    },
  },
  {
    name: 'who has left a room gets nothing of it',
    async play(stage) {
      const { alice, bob } = await painters(stage);
      await alice.ask('leave', 'red');
      await bob.ask('in', ['red'], 'without alice');
      await bob.sees('event', 'news');
    },
  },
  {
    name: 'binary, compressed and volatile to a room',
    async play(stage) {
      const { alice, bob } = await painters(stage);
      await alice.ask('bytes', 'red');
      await bob.sees('event', 'news');
      await alice.ask('compressed', 'red');
      await bob.sees('event', 'news');
      // Volatile is sent to who can take it now: a WebSocket always can.
      if (stage.transport === 'websocket') {
        await alice.ask('volatile', 'red');
        await bob.sees('event', 'news');
      }
    },
  },
];
