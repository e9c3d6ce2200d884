import { once } from 'node:events';

import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import budgets from '../budgets-chat.json' with { type: 'json' };
import { startCauseway, type Causeway } from '../support/causeway.ts';
import type { Person } from '../support/rest-client.ts';
import { expectWithin, spentBy, type Spent } from '../support/spent.ts';

const ROOM_SIZE = 10;

interface Member {
  readonly person: Person;
  readonly socket: Socket;
  /** How many events of each name came. */
  readonly heard: Map<string, number>;
}

let causeway: Causeway;
let room: string;
let other: string;
let members: Member[];
/** In the room, not connected yet. */
let late: Person;

beforeAll(async () => {
  causeway = await startCauseway();
  const people: Person[] = [];
  for (let n = 0; n < ROOM_SIZE; n++) people.push(await causeway.register(`member${n}`));
  late = await causeway.register('late');
  room = await causeway.createRoom(people[0]!, people.slice(1));
  other = await causeway.createRoom(people[0]!, [late]);
  members = [];
  for (const person of people) members.push(await enter(person));
  // Warm, and in the lobby from here on.
  await members[0]!.socket.emitWithAck('message:send', { chatId: room, content: 'warm' });
  await leave(await enter(late));
});
afterAll(async () => {
  for (const { socket } of members) socket.disconnect();
  await causeway.close();
});

async function connect(person: Person): Promise<Member> {
  const socket = io(causeway.urls.origin, {
    auth: { token: person.token },
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
  });
  const heard = new Map<string, number>();
  socket.onAny((event: string) => void heard.set(event, (heard.get(event) ?? 0) + 1));
  await once(socket as never, 'connected');
  return { person, socket, heard };
}

/** Connected and settled on the chats vocabulary. */
async function enter(person: Person): Promise<Member> {
  const member = await connect(person);
  const chatId = person === late ? other : room;
  await member.socket.emitWithAck('chat:join', { chatId });
  return member;
}

async function leave({ socket }: Member): Promise<void> {
  const before = disconnects();
  socket.io.engine.close();
  while (disconnects() === before) await new Promise((resolve) => setImmediate(resolve));
  await causeway.quiet();
}

function disconnects(): number {
  const found = Object.entries(causeway.meter().events).find(([name]) => name.endsWith(' $disconnect'));
  return found?.[1].count ?? 0;
}

async function others(event: string, set: () => void): Promise<void> {
  const counts = members.slice(1).map(({ heard }) => heard.get(event) ?? 0);
  set();
  while (members.slice(1).some(({ heard }, index) => (heard.get(event) ?? 0) === counts[index]))
    await new Promise((resolve) => setImmediate(resolve));
}

const STEPS: Record<string, () => Promise<Spent>> = {
  async 'connect, in 2 rooms, others online'() {
    // Known already: an online user's second device tells nobody.
    const device = await enter(late);
    let connected: Member | undefined;
    const counts = await spentBy(causeway, async () => {
      connected = await connect(late);
    });
    await leave(connected!);
    await leave(device);
    return counts;
  },
  async 'first word of an unpinned socket in 2 rooms'() {
    const member = await connect(late);
    const counts = await spentBy(causeway, () => member.socket.emitWithAck('chat:join', { chatId: other }));
    await leave(member);
    return counts;
  },
  async 'join with ack'() {
    const member = await enter(late);
    await member.socket.emitWithAck('chat:leave', { chatId: other });
    const counts = await spentBy(causeway, () => member.socket.emitWithAck('chat:join', { chatId: other }));
    await leave(member);
    return counts;
  },
  'send with ack, room of 10': () =>
    spentBy(causeway, () =>
      members[0]!.socket.emitWithAck('message:send', { chatId: room, content: 'measured' }),
    ),
  'typing, room of 10': () =>
    spentBy(causeway, () =>
      others('typing:start', () => members[0]!.socket.emit('typing:start', { chatId: room })),
    ),
  async 'read receipt, room of 10'() {
    const { id } = (await members[1]!.socket.emitWithAck('message:send', {
      chatId: room,
      content: 'read me',
    })) as { id: string };
    return spentBy(causeway, () =>
      members[0]!.socket.emitWithAck('message:read', { chatId: room, messageId: id }),
    );
  },
  async 'disconnect, 2 rooms, another device stays'() {
    const device = await enter(late);
    const member = await enter(late);
    const counts = await spentBy(causeway, () => leave(member));
    await leave(device);
    return counts;
  },
  async 'disconnect of the last session, 2 rooms'() {
    const member = await enter(late);
    return spentBy(causeway, () => leave(member));
  },
};

describe.sequential('budgets of chat (test/budgets-chat.json), counted by the meter', () => {
  test('every row is measured', () => {
    expect(budgets.rows.map(({ event }) => event).toSorted()).toEqual(Object.keys(STEPS).toSorted());
  });

  test.each(budgets.rows)('$event', async (row) => {
    await expectWithin(causeway, row, STEPS[row.event]!);
  });
});
