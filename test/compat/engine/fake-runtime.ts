import type {
  EnginePacket,
  EngineSession,
  Namespace,
  SocketIoStores,
} from '../../../lambdas/ports/socketio.ts';
import type { Message, Outlet, RunResult, Runtime } from '../../../compat/types.ts';

/**
 * Stands for the application: joins whoever CONNECTs, echoes `["name", …]` as `["name-back", …]`, answers acks, and does what
 * a test tells it by event name: `slow` waits, `fail` rejects, `close` closes, `early` flushes, `join` joins a room.
 */
export class FakeRuntime implements Runtime {
  readonly ended: { readonly sid: string; readonly reason: string }[] = [];
  readonly served: Message[] = [];
  /** What `slow` waits for. */
  gate: Promise<void> = Promise.resolve();
  private readonly stores: SocketIoStores;
  private ids = 0;

  constructor(stores: SocketIoStores) {
    this.stores = stores;
  }

  async run(session: EngineSession, messages: readonly Message[], outlet: Outlet): Promise<RunResult> {
    const run = new Run(session, outlet);
    for (const message of messages) {
      this.served.push(message);
      await this.handle(run, message);
      if (run.closed !== undefined) break;
    }
    const { sockets, joined, disconnected, closed } = run;
    return {
      changes: { sockets, joined, disconnected },
      ...(closed === undefined ? {} : { close: { reason: closed } }),
    };
  }

  async end(session: EngineSession, reason: string): Promise<void> {
    this.ended.push({ sid: session.sid, reason });
  }

  private async handle(run: Run, { text, attachments }: Message): Promise<void> {
    const [, type, nsp = '/', ack = '', json = ''] =
      /^(\d)(?:\d+-)?(?:(\/[^,]*)(?:,|$))?(\d*)(.*)$/s.exec(text) ?? [];
    if (type === '0') return this.connect(run, nsp, json);
    if ((type !== '1' && type !== '2' && type !== '5') || !run.isIn(nsp)) {
      run.closed = 'forced close';
      return;
    }
    if (type === '1') return this.disconnect(run, nsp);
    const front = nsp === '/' ? '' : `${nsp},`;
    const event = eventOf(json);
    if (event === undefined) {
      run.closed = 'forced close';
      return;
    }
    const [name, ...args] = event;
    await this.special(run, { name, nsp, args });
    const head = type === '5' ? `5${attachments.length}-` : '2';
    const binary = attachments.map((data) => `b${Buffer.from(data).toString('base64')}`);
    run.outlet.write([`4${head}${front}${JSON.stringify([`${name}-back`, ...args])}`, ...binary]);
    if (name === 'early') await run.outlet.flush();
    if (ack !== '') run.outlet.write([`43${front}${ack}${JSON.stringify(args)}`]);
  }

  private async special(
    run: Run,
    {
      name,
      nsp,
      args,
    }: { readonly name: string; readonly nsp: Namespace; readonly args: readonly unknown[] },
  ): Promise<void> {
    if (name === 'slow') await this.gate;
    if (name === 'fail') throw new Error('the application is broken');
    if (name === 'close') run.closed = 'forced close';
    if (name === 'join') {
      const room = String(args[0]);
      const { sid, connectionId } = run.session;
      const socketId = run.socketId(nsp);
      const reached = connectionId === undefined ? {} : { connectionId };
      await this.stores.sockets.add({ nsp, room }, { socketId, sid, ...reached }, Infinity);
      run.joined.push({ nsp, room });
    }
  }

  private async disconnect(run: Run, nsp: Namespace): Promise<void> {
    const socketId = run.socketId(nsp);
    const rooms = [...run.joined, ...(run.session.sockets[nsp]?.rooms ?? []).map((room) => ({ nsp, room }))];
    for (const place of [{ nsp }, ...rooms.filter((joined) => joined.nsp === nsp)])
      await this.stores.sockets.remove(place, { socketId, sid: run.session.sid });
    run.joined = run.joined.filter((joined) => joined.nsp !== nsp);
    if (run.sockets[nsp] === undefined) run.disconnected.push(nsp);
    else delete run.sockets[nsp];
  }

  private async connect(run: Run, nsp: Namespace, auth: string): Promise<void> {
    if (nsp === '/unknown') {
      run.outlet.write([`44${nsp},{"message":"Invalid namespace"}`]);
      return;
    }
    if (run.isIn(nsp)) {
      run.closed = 'forced close';
      return;
    }
    const id = `socket-${this.ids++}`;
    const { sid, connectionId } = run.session;
    const reached = connectionId === undefined ? {} : { connectionId };
    await this.stores.sockets.add({ nsp }, { socketId: id, sid, ...reached }, Infinity);
    run.sockets[nsp] = { connect: { id, auth: auth === '' ? '{}' : auth, data: '{}', rooms: [] } };
    run.outlet.write([`40${nsp === '/' ? '' : `${nsp},`}{"sid":"${id}"}`]);
  }
}

function eventOf(json: string): [string, ...unknown[]] | undefined {
  try {
    const event = JSON.parse(json) as unknown;
    return Array.isArray(event) ? (event as [string, ...unknown[]]) : undefined;
  } catch {
    return undefined;
  }
}

class Run {
  readonly session: EngineSession;
  readonly outlet: Outlet;
  readonly sockets: Record<
    Namespace,
    { connect: { id: string; auth: string; data: string; rooms: string[] } }
  > = {};
  joined: { nsp: Namespace; room: string }[] = [];
  readonly disconnected: Namespace[] = [];
  closed: string | undefined;

  constructor(session: EngineSession, outlet: Outlet) {
    this.session = session;
    this.outlet = outlet;
  }

  isIn(nsp: Namespace): boolean {
    return this.session.sockets[nsp] !== undefined || this.sockets[nsp] !== undefined;
  }

  socketId(nsp: Namespace): string {
    return this.sockets[nsp]?.connect.id ?? this.session.sockets[nsp]?.id ?? '';
  }
}

export type { EnginePacket };
