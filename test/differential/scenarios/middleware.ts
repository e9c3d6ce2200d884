import type { Scenario } from '../stage.ts';

export const MIDDLEWARE: readonly Scenario[] = [
  {
    name: 'middlewares run in order, and what they put into data is there',
    async play(stage) {
      const alice = await stage.join('alice', '/guarded');
      await alice.sees('event', 'welcome');
    },
  },
  {
    name: 'middlewares refuse with a message, with data, late',
    async play(stage) {
      for (const how of ['plain', 'typed', 'text data', 'late']) {
        await stage.enter(how, '/guarded', { auth: { how } }).sees('connect_error');
      }
    },
  },
  {
    name: 'who was refused may try again with better auth',
    async play(stage) {
      const alice = stage.enter('alice', '/guarded', { auth: { how: 'typed' } });
      await alice.sees('connect_error');
      alice.socket.auth = {};
      alice.socket.connect();
      await alice.sees('event', 'welcome');
    },
  },
  {
    name: 'middlewares of a socket change and refuse events',
    async play(stage) {
      const alice = await stage.join('alice', '/guarded');
      await alice.sees('event', 'welcome');
      await alice.ask('rewritten', 'text');
      alice.socket.emit('forbidden', () => {});
      await alice.sees('event', 'refused');
      await alice.ask('rewritten', 'still connected');
    },
  },
  {
    name: 'catch-all listeners hear everything first',
    async play(stage) {
      const alice = await stage.join('alice', '/any');
      await alice.ask('ask', 'question');
      await alice.sees('event', 'answer');
      alice.emit('nobody', { a: 1 }, [2]);
      await alice.sees('event', 'heard');
      await alice.sees('event', 'heard');
    },
  },
];
