import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import budgets from '../budgets.json' with { type: 'json' };
import type { Counts } from '../../emulator/types.ts';
import { startCauseway, type Causeway } from '../support/causeway.ts';
import type { Frame, NativeClient } from '../support/native-client.ts';
import type { Person } from '../support/rest-client.ts';
import { COUNTED } from '../support/spent.ts';

type Row = (typeof budgets.rows)[number];

const ROOM_SIZE = 10;
let causeway: Causeway;
let people: Person[];
let clients: NativeClient[];
let roomId: string;
let lastMessageId: string;
/** Where to resume from, and what its answer says of the second look. */
let offset: string;
let secondLook: string;

beforeAll(async () => {
  causeway = await startCauseway();
  people = await Promise.all(Array.from({ length: ROOM_SIZE }, (_, n) => causeway.register(`member${n}`)));
  roomId = await causeway.createRoom(people[0]!, people.slice(1));
  clients = await Promise.all(people.map((person) => causeway.connect(person)));
  for (const client of clients) await client.request({ action: 'join', roomId });
  // Warm: the instance that will serve the measured frame has seen one of each before, one at a time.
  await everyKindOfFrame();
  await causeway.quiet();
});
afterAll(() => causeway.close());

const SCENARIOS: Record<string, () => Promise<void>> = {
  'native $connect': async () => {
    await causeway.connect(people[0]!);
  },
  'join with ack': async () => {
    await clients[0]!.request({ action: 'join', roomId });
  },
  'resume, 1 room of 10': async () => {
    await resume(offset);
  },
  'resume, the second look': async () => {
    await resume(secondLook);
  },
  'send with ack, room of 10': async () => {
    await clients[0]!.request({ action: 'send', roomId, content: 'measured' });
  },
  'send with clientMessageId, room of 10': async () => {
    await clients[0]!.request({ action: 'send', roomId, content: 'measured', clientMessageId: 'measured' });
  },
  'typing, room of 10': async () => {
    await clients[0]!.request({ action: 'typing', roomId, isTyping: true });
  },
  'read receipt, room of 10': async () => {
    await clients[1]!.request({ action: 'read', roomId, messageId: lastMessageId });
  },
  'disconnect, 3 rooms': disconnectFromThreeRooms,
};

describe.sequential('budgets (test/budgets.json), counted by the meter', () => {
  test.each(budgets.rows)('$event', async (row: Row) => {
    const sent = await clients[0]!.request({ action: 'send', roomId, content: `before ${row.event}` });
    lastMessageId = (sent['message'] as { id: string }).id;
    await causeway.quiet();
    causeway.resetMeter();
    await SCENARIOS[row.event]!();
    await causeway.quiet();
    const counts = countsOf(row.label);
    expect(counts.count).toBe(1);
    for (const column of COUNTED) {
      expect(counts[column], `${row.event}: ${column} (${JSON.stringify(counts.calls)})`).toBeLessThanOrEqual(
        row[column],
      );
    }
  });

  test('a send costs exactly what the architecture says: queries beside put, then one post per other member', async () => {
    await causeway.quiet();
    causeway.resetMeter();
    await clients[0]!.request({ action: 'send', roomId, content: 'exact' });
    await causeway.quiet();
    expect(countsOf('send')).toMatchObject({
      count: 1,
      lambdaInvocations: 1,
      serialAwsCalls: 2,
      managementPosts: ROOM_SIZE - 1,
      // The room's live members, and its sockets in each of the two namespaces with chat.
      readUnits: 1.5,
      writeUnits: 1,
      messagesIn: 1,
      messagesOut: ROOM_SIZE,
      errors: {},
    });
    expect(causeway.meter().cost.usd).toBeGreaterThan(0);
  });
});

function countsOf(routeKey: string): Counts {
  const report = causeway.meter();
  const found = Object.entries(report.events).find(([label]) => label.endsWith(` ${routeKey}`));
  if (!found) throw new Error(`the meter has no ${routeKey}: ${Object.keys(report.events).join(', ')}`);
  return found[1];
}

async function everyKindOfFrame(): Promise<void> {
  const [first] = clients;
  const sent = await first!.request({ action: 'send', roomId, content: 'warm' });
  const messageId = (sent['message'] as { id: string }).id;
  await first!.request({ action: 'send', roomId, content: 'warm', clientMessageId: 'warm' });
  await first!.request({ action: 'typing', roomId, isTyping: true });
  await first!.request({ action: 'read', roomId, messageId });
  offset = String(sent['offset']);
  secondLook = ((await resume(offset))['next'] as { after: string }).after;
  await (await causeway.connect(people[1]!)).close();
}

function resume(after: string): Promise<Frame> {
  return clients[0]!.request({ action: 'resume', rooms: [roomId], after });
}

async function disconnectFromThreeRooms(): Promise<void> {
  const client = await causeway.connect(people[2]!);
  for (let n = 0; n < 3; n++) {
    const room = await causeway.createRoom(people[2]!, []);
    await client.request({ action: 'join', roomId: room });
  }
  await causeway.quiet();
  causeway.resetMeter();
  await client.close();
  await new Promise<void>((resolve) => {
    const poll = () =>
      Object.keys(causeway.meter().events).some((label) => label.endsWith(' $disconnect'))
        ? resolve()
        : setImmediate(poll);
    poll();
  });
}
