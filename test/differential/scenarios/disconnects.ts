import type { Actor } from '../actor.ts';
import type { Scenario, Stage } from '../stage.ts';

/** A watcher and somebody in two rooms who is going to leave. */
async function parting(stage: Stage): Promise<readonly [watcher: Actor, leaver: Actor]> {
  const [watcher, leaver] = await stage.cast(['watcher', 'leaver'], '/leaving');
  await watcher.ask('watch');
  await leaver.ask('call me', 'leaver');
  await leaver.ask('join', 'a');
  await leaver.ask('join', 'b');
  return [watcher, leaver];
}

/** How to leave, and what the leaver sees of it, if anything. */
const WAYS: readonly { name: string; leave(leaver: Actor, stage: Stage): Promise<void> }[] = [
  {
    name: 'socket.disconnect() of the client',
    async leave({ socket }) {
      socket.disconnect();
    },
  },
  {
    name: 'the client closes its transport',
    async leave({ socket }) {
      socket.io.engine.close();
    },
  },
  {
    name: 'socket.disconnect() of the server',
    async leave(leaver) {
      leaver.emit('kick me', false);
      await leaver.sees('disconnect');
    },
  },
  {
    name: 'socket.disconnect(true) of the server',
    async leave(leaver) {
      leaver.emit('kick me', true);
      await leaver.sees('disconnect');
    },
  },
  {
    name: 'the client sends what cannot be parsed',
    async leave(leaver) {
      (leaver.socket.io.engine as unknown as { write(data: string): void }).write('9nonsense');
      await leaver.sees('disconnect');
    },
  },
  {
    name: 'the client stops answering pings',
    async leave(leaver) {
      const engine = leaver.socket.io.engine as unknown as Record<
        '_sendPacket',
        (type: string, ...rest: unknown[]) => void
      >;
      const send = engine['_sendPacket'].bind(engine);
      engine['_sendPacket'] = (type, ...rest) => {
        if (type !== 'pong') send(type, ...rest);
      };
      await leaver.sees('disconnect');
    },
  },
];

export const DISCONNECTS: readonly Scenario[] = [
  ...WAYS.map(({ name, leave }) => ({
    name: `leaving: ${name}`,
    async play(stage: Stage) {
      const [watcher, leaver] = await parting(stage);
      await leave(leaver, stage);
      await watcher.sees('event', 'leaving');
      await watcher.sees('event', 'gone');
    },
  })),
  {
    name: 'leaving: disconnectSockets of a room, without and with closing',
    async play(stage) {
      const [watcher, leaver] = await parting(stage);
      await watcher.tell('kick', 'a', false);
      await leaver.sees('disconnect');
      await watcher.sees('event', 'gone');
      const again = await stage.join('again', '/leaving');
      await again.ask('join', 'c');
      await watcher.tell('kick', 'c', true);
      await again.sees('disconnect');
      await watcher.sees('event', 'gone');
    },
  },
  {
    name: 'leaving: a fetched socket is disconnected by another',
    async play(stage) {
      const [watcher, leaver] = await parting(stage);
      await watcher.tell('kick one', leaver.socket.id);
      await leaver.sees('disconnect');
      await watcher.sees('event', 'gone');
    },
  },
  {
    name: 'leaving one namespace of two keeps the other',
    async play(stage) {
      const [watcher, leaver] = await parting(stage);
      const too = stage.beside(leaver, 'too', { nsp: '/leaving-too' });
      await too.sees('connect');
      too.emit('kick', false);
      await too.sees('disconnect');
      await leaver.ask('join', 'still here');
      leaver.socket.disconnect();
      await watcher.sees('event', 'gone');
    },
  },
  {
    name: 'leaving with closing ends all namespaces of the connection',
    async play(stage) {
      const [watcher, leaver] = await parting(stage);
      const too = stage.beside(leaver, 'too', { nsp: '/leaving-too' });
      await too.sees('connect');
      too.emit('kick', true);
      await too.sees('disconnect');
      await leaver.sees('disconnect');
      await watcher.sees('event', 'gone');
    },
  },
  {
    name: 'coming back is a new socket',
    async play(stage) {
      const [watcher, leaver] = await parting(stage);
      leaver.socket.disconnect();
      await watcher.sees('event', 'gone');
      leaver.socket.connect();
      await leaver.sees('connect');
      await leaver.ask('call me', 'leaver again');
      leaver.socket.disconnect();
      await watcher.sees('event', 'gone');
    },
  },
];
