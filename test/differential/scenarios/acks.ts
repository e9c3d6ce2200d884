import type { Scenario, Stage } from '../stage.ts';
import type { Actor } from '../actor.ts';

type Reply = (...answer: unknown[]) => void;

/** A client that answers the server's questions. */
function answering(actor: Actor): Actor {
  actor.socket.on('question', (question: unknown, reply: Reply) =>
    reply(`${actor.name}: ${String(question)}`),
  );
  return actor;
}

async function circle(stage: Stage): Promise<readonly Actor[]> {
  const actors = await stage.cast(['alice', 'bob', 'carol'], '/acks');
  for (const actor of actors) await actor.ask('enter', 'circle');
  return actors;
}

export const ACKS: readonly Scenario[] = [
  {
    name: 'acks of the server: arguments, none, twice, late',
    async play(stage) {
      const alice = await stage.join('alice', '/acks');
      await alice.ask('echo', 1, 'two', { three: [null, true] });
      await alice.ask('echo');
      await alice.ask('nothing');
      await alice.ask('twice');
      await alice.ask('late');
      await alice.sees('event', 'after the ack');
    },
  },
  {
    name: 'a handler sees an ack function only when the client wants an ack',
    async play(stage) {
      const alice = await stage.join('alice', '/acks');
      alice.emit('has ack', 1);
      await alice.sees('event', 'had ack');
      alice.socket.emit('has ack', 1, () => {});
      await alice.sees('event', 'had ack');
    },
  },
  {
    name: 'binary arguments and answers',
    async play(stage) {
      const alice = await stage.join('alice', '/acks');
      await alice.ask('binary', Buffer.from([1, 2, 250]));
      await alice.sees('event', 'bytes');
      await alice.ask('echo', { a: [Buffer.from('x')] }, 'text');
    },
  },
  {
    name: 'several attachments in a packet',
    async play(stage) {
      const alice = await stage.join('alice', '/acks');
      await alice.ask('echo', { a: [Buffer.from('x'), Buffer.alloc(0)] }, 'text', Buffer.from('y'));
    },
  },
  {
    name: 'the server waits for the answer of a client: promise, callback, with time',
    async play(stage) {
      const alice = answering(await stage.join('alice', '/acks'));
      await alice.ask('ask me', 'how are you');
      await alice.ask('ask me by callback');
      await alice.ask('ask me with time', 3_000);
    },
  },
  {
    name: 'the server gives up on a client that does not answer',
    async play(stage) {
      const silent = await stage.join('silent', '/acks');
      await silent.ask('ask me with time', 150);
    },
  },
  {
    name: 'the server asks a room and gets every answer',
    async play(stage) {
      const [alice] = (await circle(stage)).map(answering) as [Actor];
      await alice.ask('ask all', 'circle');
    },
  },
  {
    name: 'the server asks a room of which some stay silent',
    async play(stage) {
      const [alice, bob] = (await circle(stage)) as [Actor, Actor];
      answering(alice);
      answering(bob);
      await alice.ask('ask all, some silent', 'circle');
    },
  },
  {
    name: 'the server asks an empty room',
    async play(stage) {
      const alice = await stage.join('alice', '/acks');
      await alice.ask('ask all', 'nobody here');
    },
  },
];
