/**
 * A stock client with default options is kept for a simulated day in a room where somebody talks, while its connection is cut in
 * every way there is. The clock of the emulator is moved minute by minute, so that all schedules, timeouts and windows are real.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { io, type Socket } from 'socket.io-client';
import { afterEach, expect, test } from 'vitest';

import type { EmulatorOptions } from '../../emulator/types.ts';
import { assembly, startCauseway, type Causeway } from '../support/causeway.ts';
import { rest, type Person } from '../support/rest-client.ts';

const MINUTE = 60_000;
const DAY_MINUTES = 24 * 60;
const CONFIG = 'test/fixtures/day/causeway.config.ts';
/** Minutes between two messages. */
const TALK_EVERY = 3;
/** Where connections end that are idle for longer than two minutes. */
const IDLE_SECONDS = 150;

type Kind =
  | 'lifetime of the connection'
  | 'idle connection'
  | 'network of the client'
  | 'going away'
  | 'ping timeout'
  | 'closed by the client'
  | 'closed before the two hours'
  | 'emulator restart';

/** What happens on this day: for so many minutes all is well, then the connection is cut. */
const PLAN: readonly (readonly [minutes: number, kind: Kind, settings?: Partial<EmulatorOptions>])[] = [
  [95, 'lifetime of the connection'],
  [40, 'network of the client'],
  [95, 'lifetime of the connection'],
  [30, 'emulator restart', { idleSeconds: IDLE_SECONDS }],
  [20, 'idle connection'],
  [15, 'idle connection'],
  [10, 'emulator restart', {}],
  [119, 'closed before the two hours'],
  [60, 'going away'],
  [45, 'ping timeout'],
  [30, 'closed by the client'],
  [119, 'closed before the two hours'],
  [50, 'ping timeout'],
  [25, 'network of the client'],
];

let day: Day | undefined;
afterEach(() => day?.close());

test('for a simulated day a stock client hears every message once, whatever cuts its connection', async () => {
  day = await Day.begin({ lifetimeSeconds: 90 * 60 });
  for (const [minutes, kind, settings] of PLAN) await day.live(minutes, kind, settings);
  await day.rest();

  const { heard, said, cuts, connects, missed } = day;
  const kinds = Object.fromEntries(cuts.map((kind) => [kind, cuts.filter((one) => one === kind).length]));
  console.log(
    `day: ${day.minutes / 60} h, ${said.length} messages, ${missed} of them while the client was away, ${cuts.length} cuts ${JSON.stringify(kinds)}, ` +
      `recovered ${connects.filter(Boolean).length} of ${connects.length}, lost ${said.filter((text) => !heard.includes(text)).length}, ` +
      `doubled ${heard.length - new Set(heard).size}`,
  );
  expect(day.minutes).toBeGreaterThanOrEqual(DAY_MINUTES);
  expect(cuts.length).toBeGreaterThanOrEqual(12);
  expect(new Set(cuts).size).toBe(8);
  expect(connects).toEqual(cuts.map(() => true));
  expect(missed).toBeGreaterThanOrEqual(cuts.length);
  expect(heard).toEqual(said);
}, 300_000);

class Day {
  readonly said: string[] = [];
  readonly heard: string[] = [];
  readonly cuts: Kind[] = [];
  /** Whether each connect but the first recovered. */
  readonly connects: boolean[] = [];
  /** Messages said while the client was away. */
  missed = 0;
  minutes = 0;
  private talkEvery = TALK_EVERY;
  private causeway: Causeway;
  private readonly data: string;
  private readonly directory: string;
  private readonly port: number;
  private readonly people: { readonly alice: Person; readonly bob: Person; readonly room: string };
  private readonly socket: Socket;

  static async begin(settings: Partial<EmulatorOptions>): Promise<Day> {
    const data = await mkdtemp(join(tmpdir(), 'causeway-day-'));
    const directory = await assembly(CONFIG);
    const causeway = await startCauseway({ ...settings, assembly: directory, dataDir: data });
    const [alice, bob] = [await causeway.register('alice'), await causeway.register('bob')];
    const room = await causeway.createRoom(alice, [bob]);
    const started = new Day({ data, directory, causeway, people: { alice, bob, room } });
    await once(started.socket as never, 'connect');
    await started.socket.emitWithAck('chat:join', { chatId: room });
    started.socket.on('connect', () => started.connects.push(started.socket.recovered));
    return started;
  }

  private constructor(given: {
    readonly data: string;
    readonly directory: string;
    readonly causeway: Causeway;
    readonly people: { readonly alice: Person; readonly bob: Person; readonly room: string };
  }) {
    this.data = given.data;
    this.directory = given.directory;
    this.causeway = given.causeway;
    this.people = given.people;
    const { origin } = given.causeway.urls;
    this.port = Number(new URL(origin).port);
    // Shorter waits between attempts, since only the emulator's clock is moved; else the defaults.
    this.socket = io(origin, {
      forceNew: true,
      reconnectionDelay: 200,
      randomizationFactor: 0,
      auth: { token: given.people.alice.token },
    });
    this.socket.on('message:new', ({ content }: { content: string }) => this.heard.push(content));
  }

  /** Lets time pass; a message now and then. Connections that end by themselves meanwhile are cuts like others. */
  async live(minutes: number, kind: Kind, settings?: Partial<EmulatorOptions>): Promise<void> {
    const isPatient = kind === 'lifetime of the connection' || kind === 'closed before the two hours';
    const before = this.cuts.length;
    for (let minute = 0; minute < minutes; minute += 1) {
      await this.minute(minute % this.talkEvery === 0, kind);
      if (isPatient && this.cuts.length > before) return;
    }
    if (isPatient) throw new Error(`The connection is still there, and should have been cut: ${kind}`);
    await this.upgraded();
    await this.cut(kind, settings);
  }

  /** Until the day is over. */
  async rest(): Promise<void> {
    while (this.minutes < DAY_MINUTES)
      await this.minute(this.minutes % TALK_EVERY === 0, 'closed before the two hours');
  }

  async close(): Promise<void> {
    this.socket.disconnect();
    await this.causeway.close();
    await rm(this.data, { recursive: true, force: true });
  }

  private async minute(talks: boolean, kind: Kind): Promise<void> {
    await this.pass(MINUTE);
    if (!this.socket.connected) await this.comeBack(kind);
    if (talks) await this.say();
  }

  private async pass(ms: number): Promise<void> {
    await this.causeway.advance(ms);
    this.minutes += ms / MINUTE;
    await this.settle();
  }

  /** A ping on its way is answered before time goes on. */
  private async settle(): Promise<void> {
    await this.causeway.quiet();
    await new Promise((resolve) => setTimeout(resolve, 4));
    await this.causeway.quiet();
  }

  private async say(): Promise<void> {
    const content = `message ${this.said.length}`;
    if (!this.socket.connected) this.missed += 1;
    this.said.push(content);
    const { bob, room } = this.people;
    const path = `/chat/rooms/${room}/messages`;
    const answer = await rest(this.causeway.urls.origin, { path, token: bob.token, body: { content } });
    expect(answer.status).toBe(201);
    await this.settle();
  }

  private async upgraded(): Promise<void> {
    const { engine } = this.socket.io;
    if (engine.transport.name !== 'websocket') await once(engine as never, 'upgrade');
    await this.settle();
  }

  private async cut(kind: Kind, settings?: Partial<EmulatorOptions>): Promise<void> {
    // Not beside another one: of two at once nobody could say which the client got last.
    await this.pass(2_000);
    await this.say();
    await this.pass(2_000);
    switch (kind) {
      case 'network of the client':
        this.terminate();
        break;
      case 'closed by the client':
        this.socket.io.engine.close();
        break;
      case 'going away':
        await this.control({ all: true });
        break;
      case 'ping timeout':
        await this.vanish();
        break;
      case 'idle connection':
        await this.pass(2.6 * MINUTE);
        break;
      case 'emulator restart':
        return this.restart(settings);
      case 'lifetime of the connection':
      case 'closed before the two hours':
        throw new Error('Comes by itself');
    }
    if (this.socket.connected) await once(this.socket as never, 'disconnect');
    await this.comeBack(kind);
  }

  /** Things are said while it is away. */
  private async comeBack(kind: Kind): Promise<void> {
    this.cuts.push(kind);
    for (let n = 0; n < 3; n += 1) {
      await this.say();
      await this.pass(2_000);
    }
    if (!this.socket.connected) await once(this.socket as never, 'connect');
    await this.settle();
  }

  private terminate(): void {
    const { transport } = this.socket.io.engine as unknown as {
      readonly transport: { readonly ws: { terminate(): void } };
    };
    transport.ws.terminate();
  }

  /** The peer is gone and nobody notices: posts to it succeed until a ping has not been answered. */
  private async vanish(): Promise<void> {
    await this.control({ all: true, silent: true });
    for (let n = 0; n < 3; n += 1) {
      if (n > 0) await this.pass(MINUTE);
      this.missed += 1;
      await this.say();
    }
    // By then the server has closed the connection, which the client may hear of.
    for (let n = 0; n < 6; n += 1) if (this.socket.connected) await this.pass(MINUTE);
    if (this.socket.connected) this.terminate();
  }

  private async control(body: object): Promise<void> {
    const answer = await fetch(`${this.causeway.urls.origin}/_emulator/cut`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(200);
  }

  /** With the same data on the same port, and time goes on where it was. */
  private async restart(settings: Partial<EmulatorOptions> = {}): Promise<void> {
    const { socket } = this;
    const gone = once(socket as never, 'disconnect');
    socket.io.reconnection(false);
    const ahead = this.causeway.clock.now() - Date.now();
    await this.causeway.close();
    await gone;
    this.causeway = await startCauseway({
      ...settings,
      assembly: this.directory,
      dataDir: this.data,
      port: this.port,
    });
    this.causeway.clock.advance(ahead);
    this.talkEvery = settings.idleSeconds === undefined ? TALK_EVERY : 1;
    const back = once(socket as never, 'connect');
    this.cuts.push('emulator restart');
    for (let n = 0; n < 3; n += 1) {
      await this.say();
      await this.pass(2_000);
    }
    socket.io.reconnection(true);
    socket.connect();
    await back;
    await this.settle();
  }
}
