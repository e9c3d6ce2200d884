import { expect, test } from 'vitest';

import { moveSockets, presencesOf, removePresences } from '../../../compat/engine/places.ts';
import { createMemorySocketIoStores } from '../../../lambdas/adapters/memory/socketio/create-memory-socketio-stores.ts';
import type { Place } from '../../../lambdas/ports/socketio.ts';
import { NOW } from '../../contract/data.ts';
import { LATER, someSocket, someWebSocket } from '../../contract/socketio-data.ts';

test('what is told to a session that moves while a socket of it comes back is deferred all the same', async () => {
  const { sockets } = createMemorySocketIoStores({ now: () => NOW });
  const session = { ...someWebSocket(), sockets: { '/': someSocket() }, heldUntil: LATER };
  await moveSockets(sockets, session, LATER);
  expect(await sockets.list({ nsp: '/' }, NOW)).toMatchObject([{ sid: session.sid, heldUntil: LATER }]);
});

test('an upgrade says how every socket is reached now, and what it understands', async () => {
  const { sockets } = createMemorySocketIoStores({ now: () => NOW });
  const [tagged, plain] = [someSocket({ rooms: ['a'], tag: 'chats' }), someSocket({ rooms: ['a'] })];
  const session = { ...someWebSocket(), sockets: { '/': tagged, '/b': plain } };
  const { sid, connectionId } = session;

  await moveSockets(sockets, session, LATER);

  const list = (place: Place) => sockets.list(place, NOW);
  const entry = { socketId: tagged.id, sid, connectionId, tag: 'chats' };
  expect(await list({ nsp: '/' })).toEqual([entry]);
  expect(await list({ nsp: '/', room: 'a' })).toEqual([entry]);
  expect(await list({ nsp: '/b', room: 'a' })).toEqual([{ socketId: plain.id, sid, connectionId }]);

  await removePresences(sockets, presencesOf(session));
  for (const nsp of ['/', '/b'])
    expect([...(await list({ nsp })), ...(await list({ nsp, room: 'a' }))]).toEqual([]);
});
