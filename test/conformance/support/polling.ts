import { address } from './address.ts';
import { within } from './patience.ts';

/** ASCII record separator between the packets of a payload. */
export const SEPARATOR = '\u001E';

/** At the end of a body with other packets. */
const PING_BESIDE = `${SEPARATOR}2`;

export interface Open {
  readonly sid: string;
  readonly upgrades: readonly string[];
  readonly pingInterval: number;
  readonly pingTimeout: number;
  readonly maxPayload: number;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Headers;
}

export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  return { status: response.status, body: await response.text(), headers: response.headers };
}

/** A polling session at the level of requests and bodies. */
export class Polling {
  readonly sid: string;
  readonly #url: string;
  /** Packets of an answered GET that nobody took yet. */
  readonly #inbox: string[] = [];
  readonly #seen: string[] = [];

  private constructor(url: string, sid: string) {
    this.#url = url;
    this.sid = sid;
  }

  static async session(url: string, query: Readonly<Record<string, string>> = {}): Promise<Polling> {
    const { status, body } = await ask(address(url, 'polling', query));
    if (status !== 200) throw new Error(`no session: ${status} ${body}`);
    return new Polling(url, (JSON.parse(body.slice(1)) as Open).sid);
  }

  address(query: Readonly<Record<string, string>> = {}): string {
    return address(this.#url, 'polling', { sid: this.sid, ...query });
  }

  /** Where a WebSocket of this session connects. */
  get upgrade(): string {
    return address(this.#url, 'websocket', { sid: this.sid });
  }

  get(init: RequestInit = {}): Promise<Answer> {
    return within(ask(this.address(), init), 'the answer of a GET', () => this.#seen);
  }

  post(body: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const init = {
      method: 'POST',
      body,
      headers: { 'content-type': 'text/plain;charset=UTF-8', ...headers },
    };
    return within(ask(this.address(), init), 'the answer of a POST', () => this.#seen);
  }

  /** Posts and insists on the answer `ok`. */
  async send(...packets: readonly string[]): Promise<void> {
    const { status, body } = await this.post(packets.join(SEPARATOR));
    if (status !== 200 || body !== 'ok') throw new Error(`POST answered ${status} ${JSON.stringify(body)}`);
  }

  /** Body of a GET that brings something else than a ping; pings are answered, and one beside packets is left out. */
  async body(): Promise<string> {
    for (;;) {
      const { status, body } = await this.get();
      if (status !== 200) throw new SessionEnded(`GET answered ${status} ${body}`);
      const packets = body.endsWith(PING_BESIDE) ? body.slice(0, -PING_BESIDE.length) : body;
      if (body === '2' || packets !== body) await this.send('3');
      if (body !== '2') return packets;
    }
  }

  /** The next packet but heartbeats, which are answered, and noops. Rejects with SessionEnded. */
  async next(): Promise<string> {
    for (;;) {
      const packet = this.#inbox.shift();
      if (packet === undefined) await this.#poll();
      else if (packet === '2') await this.send('3');
      else if (packet === '1') throw new SessionEnded('the server sent 1');
      else if (packet !== '6') return packet;
    }
  }

  async take(count: number): Promise<string[]> {
    const packets: string[] = [];
    while (packets.length < count) packets.push(await this.next());
    return packets;
  }

  /** Polls until the server ends the session; fails when anything else than heartbeats comes. */
  async ended(): Promise<void> {
    const outcome = await within(
      this.next().catch((error: unknown) => error),
      'the session to end',
      () => this.#seen,
    );
    if (!(outcome instanceof SessionEnded)) throw new Error(`instead of an end came ${String(outcome)}`);
  }

  async #poll(): Promise<void> {
    const { status, body } = await this.get();
    this.#seen.push(`${status} ${body}`);
    if (status === 400) throw new SessionEnded(`GET answered 400 ${body}`);
    if (status !== 200) throw new Error(`GET answered ${status} ${body}`);
    this.#inbox.push(...body.split(SEPARATOR));
  }
}

class SessionEnded extends Error {}
