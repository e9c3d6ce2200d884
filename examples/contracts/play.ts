/**
 * Plays a document: two people run its samples against a deployment. Nothing here knows an event of a document: what is run
 * and what must come of it is read from its text.
 */
import type { ContractDocument, Sample } from './document.ts';
import { Page } from './page.ts';
import { runScript } from './sandbox.ts';
import type { Facts } from './substitutions.ts';
import type { Person, World } from './world.ts';

export interface Play {
  readonly document: ContractDocument;
  readonly reader: Person;
  readonly colleague: Person;
  readonly room: string;
  /** A message that stands in the room before anything happens. */
  readonly message: string;
  readonly pages: Page[];
  /** What the back end pushed, when the document shows how. */
  readonly pushed: object | undefined;
}

/** Nobody's event: whoever sends it is to be told of a mistake. */
export const MISTAKE = 'not in the document';
export const NOT_A_TOKEN = 'not-a-token';
export const PUSHED = { title: 'Nouvelle mission', missionId: 42 };
export const BY_REST = 'by REST';
/** Somebody who leaves may come back within ten seconds without anybody noticing. */
const ABSENCE_MS = 11_000;
/** A port that nobody listens on. */
const NOWHERE = 'http://127.0.0.1:9';

interface Stage extends Play {
  readonly world: World;
  readonly connections: readonly Sample[];
  readonly fragments: readonly Sample[];
}

export async function play(world: World, document: ContractDocument): Promise<Play> {
  const stage = await setUp(world, document);
  try {
    const reading = await openReader(stage);
    await refuseStrangers(stage);
    await letColleagueAct(stage);
    await push(stage);
    await speak(stage);
    await leave(stage);
    await makeMistakes(stage);
    await loseConnection(stage, reading);
    await outlive(stage);
  } finally {
    await Promise.all(stage.pages.map((page) => page.close()));
    await world.settle([]);
    await world.pass(ABSENCE_MS);
  }
  return stage;
}

async function setUp(world: World, document: ContractDocument): Promise<Stage> {
  const [reader, colleague] = await Promise.all([
    world.register(`${document.name}-reader`),
    world.register(`${document.name}-colleague`),
  ]);
  const body = { name: document.title, participantIds: [colleague.id] };
  const { id: room } = await world.call<{ id: string }>(reader, '/chat/rooms', body);
  const path = `/chat/rooms/${room}/messages`;
  const { id: message } = await world.call<{ id: string }>(reader, path, { content: 'the first one' });
  const of = (kind: Sample['kind']) => document.samples.filter((sample) => sample.kind === kind);
  const pushes = of('server').some(isPush);
  return {
    world,
    document,
    reader,
    colleague,
    room,
    message,
    pages: [],
    connections: of('connection'),
    fragments: of('fragment'),
    pushed: pushes ? PUSHED : undefined,
  };
}

function pageOf(stage: Stage, name: string, person: Pick<Person, 'token'>): Page {
  const { origin } = stage.world;
  const facts: Facts = { origin, token: person.token, room: stage.room, message: stage.message };
  const page = new Page(name, facts);
  stage.pages.push(page);
  return page;
}

async function open(stage: Stage, person: Person, connection: Sample): Promise<Page> {
  const name = `${person === stage.reader ? 'reader' : 'colleague'}, line ${connection.line}`;
  const page = pageOf(stage, name, person);
  await page.run(connection);
  await page.ready();
  return page;
}

/** The reader has every way of connecting open; the first of them listens to everything and says nothing by itself. */
async function openReader(stage: Stage): Promise<Page> {
  const [first, ...others] = stage.connections;
  if (first === undefined) throw new Error(`${stage.document.name}.md shows no connection`);
  const reading = await open(stage, stage.reader, first);
  for (const fragment of stage.fragments) if (/\.on\(/.test(fragment.code)) await reading.run(fragment);
  for (const connection of others) await open(stage, stage.reader, connection);
  await stage.world.settle(stage.pages);
  return reading;
}

/** Every way of connecting, with a token that is none. */
async function refuseStrangers(stage: Stage): Promise<void> {
  for (const connection of stage.connections) {
    const page = pageOf(stage, `stranger, line ${connection.line}`, { token: NOT_A_TOKEN });
    await page.run(connection);
    await page.hears('connect_error');
  }
}

/** The colleague comes and does all that the document shows, one thing after the other. */
async function letColleagueAct(stage: Stage): Promise<void> {
  const { world, colleague, room, pages } = stage;
  const [first] = stage.connections;
  for (const connection of stage.connections) {
    const page = await open(stage, colleague, connection);
    await world.settle(pages);
    if (connection === first) await runAll(stage, page);
  }
  await world.call(colleague, `/chat/rooms/${room}/messages`, { content: BY_REST });
  await world.settle(pages);
}

/** The reader does the same, on a page of its own: some answers are told to whoever asked alone. */
async function speak(stage: Stage): Promise<void> {
  const [first] = stage.connections;
  if (first !== undefined) await runAll(stage, await open(stage, stage.reader, first));
}

async function runAll(stage: Stage, page: Page): Promise<void> {
  const talks = ({ code }: Sample) => /\.emit\(/.test(code);
  for (const fragment of stage.fragments) if (!talks(fragment)) await page.run(fragment);
  for (const fragment of stage.fragments) {
    if (!talks(fragment)) continue;
    await page.run(fragment);
    await stage.world.settle(stage.pages);
  }
}

const isPush = ({ code }: Sample) => code.startsWith('io.to(');

/** A back end's line: `io` is the Emitter, `user` the reader. */
async function push(stage: Stage): Promise<void> {
  const { world, reader: user } = stage;
  for (const { code, line } of stage.document.samples.filter(isPush)) {
    const sent: Promise<unknown>[] = [];
    const io = {
      to: (room: string) => ({
        emit: (event: string, payload: object) => void sent.push(world.io.to(room).emit(event, payload)),
      }),
    };
    const globals = { io, user, notificationPayload: PUSHED };
    await runScript({ code, line, file: `${stage.document.name}.md`, modules: {}, globals });
    await Promise.all(sent);
  }
  await world.settle(stage.pages);
}

async function leave(stage: Stage): Promise<void> {
  const { world, pages } = stage;
  const staying = pages.filter(({ name }) => name.startsWith('reader'));
  const leaving = pages.filter(({ name }) => name.startsWith('colleague'));
  for (const page of leaving) {
    await page.close();
    await world.settle(staying);
  }
  await world.pass(ABSENCE_MS);
  await world.settle(staying);
}

async function makeMistakes({ world, pages }: Stage): Promise<void> {
  const staying = pages.filter(({ name }) => name.startsWith('reader'));
  for (const { socket } of staying) socket.emit(MISTAKE);
  await world.settle(staying);
}

/** The network goes, stays away for one attempt, and comes back. */
async function loseConnection({ world }: Stage, page: Page): Promise<void> {
  const manager = page.socket.io;
  const reach = manager as unknown as { uri: string };
  const { uri } = reach;
  manager.reconnectionDelay(10);
  const before = page.heard.length;
  reach.uri = NOWHERE;
  manager.engine.close();
  await page.hears('reconnect_error', before);
  reach.uri = uri;
  await page.hears('connect', before);
  await world.settle([page]);
}

/** Documents that speak of tokens that run out: whoever is connected is told. */
async function outlive(stage: Stage): Promise<void> {
  if (!stage.document.text.includes('Token expired')) return;
  const staying = stage.pages.filter(({ name, socket }) => name.startsWith('reader') && socket.connected);
  const heard = new Map(staying.map((page) => [page, page.heard.length]));
  stage.world.outliveTokens();
  for (const page of staying) {
    // Whoever says nothing is told by the next sweep.
    page.socket.emit(MISTAKE);
    await page.hears('disconnect', heard.get(page));
  }
}
