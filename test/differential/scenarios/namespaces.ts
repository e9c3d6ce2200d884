import type { Scenario } from '../stage.ts';

export const NAMESPACES: readonly Scenario[] = [
  {
    name: 'namespaces of one connection: own auth, own rooms, own end',
    async play(stage) {
      const left = await stage.join('left', '/left', { auth: { in: 'left' } });
      const right = stage.beside(left, 'right', { nsp: '/right', auth: { in: 'right' } });
      await right.sees('event', 'welcome');
      await left.ask('join', 'room');
      await right.ask('join', 'room');
      await left.ask('room', 'room');
      await right.ask('room', 'room');
      await left.ask('across');
      await right.sees('event', 'news');
      await right.sees('event', 'news');
      left.socket.disconnect();
      await left.sees('disconnect');
      await right.ask('room', 'room');
      await right.sees('event', 'news');
    },
  },
  {
    name: 'an unknown namespace, and the others of the connection',
    async play(stage) {
      const left = await stage.join('left', '/left');
      const nowhere = stage.beside(left, 'nowhere', { nsp: '/nowhere' });
      await nowhere.sees('connect_error');
      await left.ask('join', 'room');
    },
  },
  {
    name: 'dynamic namespaces by pattern: matching, refused by middleware, not matching',
    async play(stage) {
      const one = await stage.join('one', '/dynamic-1', { auth: { n: 1 } });
      const two = await stage.join('two', '/dynamic-2', { auth: { n: 2 } });
      const too = await stage.join('one too', '/dynamic-1');
      for (const actor of [one, two, too]) await actor.sees('event', 'welcome');
      await one.ask('all here');
      await too.sees('event', 'news');
      await two.ask('all here');
      for (const [name, nsp] of [
        ['closed', '/dynamic-closed'],
        ['a-closed', '/dynamic-a-closed'],
        ['no match', '/dynamic-'],
      ] as const) {
        await stage.enter(name, nsp).sees('connect_error');
      }
    },
  },
  {
    name: 'dynamic namespaces by function',
    async play(stage) {
      const inside = await stage.join('inside', '/if-1', { auth: { 'let me': 'in' } });
      await inside.sees('event', 'welcome');
      await inside.ask('all here');
      await stage.enter('outside', '/if-2', { auth: {} }).sees('connect_error');
    },
  },
];
