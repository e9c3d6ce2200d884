import type { Scenario, Stage } from '../stage.ts';

async function trio(stage: Stage) {
  const actors = await stage.cast(['alice', 'bob', 'carol'], '/cluster');
  await actors[1].ask('join', 'red');
  await actors[2].ask('join', 'red');
  return actors;
}

export const CLUSTER: readonly Scenario[] = [
  {
    name: 'fetchSockets shows ids, rooms, data and handshake of all and of a room',
    async play(stage) {
      const [alice, bob] = await trio(stage);
      await alice.ask('fetch', null);
      await alice.ask('fetch', 'red');
      await alice.ask('fetch', bob.socket.id);
      await alice.ask('fetch', 'nobody');
      await alice.ask('ids');
    },
  },
  {
    name: 'socketsJoin and socketsLeave move others',
    async play(stage) {
      const [alice, bob, carol] = await trio(stage);
      await alice.ask('move', 'red', 'blue');
      await bob.fence();
      await alice.ask('tell', 'blue', 'to blue');
      await bob.sees('event', 'news');
      await carol.sees('event', 'news');
      await alice.ask('tell', 'red', 'to nobody');
      await alice.ask('fetch', 'blue');
      await alice.ask('fetch', 'red');
    },
  },
  {
    name: 'a fetched socket joins, is told, is asked',
    async play(stage) {
      const [alice, bob, carol] = await trio(stage);
      await alice.ask('join for', 'bob', 'green');
      await alice.ask('tell', 'green', 'to bob in green');
      await bob.sees('event', 'news');
      await alice.ask('tell each');
      for (const actor of [alice, bob, carol]) await actor.sees('event', 'news');
      bob.socket.on('question', (question: string, reply: (answer: string) => void) =>
        reply(`bob: ${question}`),
      );
      await alice.ask('ask one', 'bob');
    },
  },
  {
    name: 'who is gone is not found',
    async play(stage) {
      const [alice, bob] = await trio(stage);
      bob.socket.disconnect();
      // Nobody is told of a disconnect: ask until the server has handled it.
      for (let n = 0; n < 100 && (await count(alice)) > 2; n++);
      await alice.ask('fetch', 'red');
      await alice.ask('tell', 'red', 'to carol');
    },
  },
];

async function count(actor: { socket: { emitWithAck(event: string): Promise<unknown> } }): Promise<number> {
  return (await actor.socket.emitWithAck('ids')) as number;
}
