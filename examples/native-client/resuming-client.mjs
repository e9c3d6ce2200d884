// A client of Causeway's native protocol that survives its connections (PROTOCOL.md, section 8): it connects again whenever it is
// cut, is told what it missed, and hands every message, receipt and notification to the application once, in order.
// No dependencies: browsers and Node.js 22 have a WebSocket; elsewhere pass one (`WebSocket: ws.WebSocket`).

/** How many offsets are remembered to recognise what comes twice. */
const REMEMBERED = 5_000;
const ANSWER_MS = 15_000;
/** API Gateway closes a connection after ten minutes without a frame. */
const PING_MS = 9 * 60_000;
const RETRIABLE = new Set(['unavailable', 'internal', 'rate_limited']);
/** Requests that belong to a connection; all others are sent again on the next one. */
const OF_A_CONNECTION = new Set(['resume', 'ping']);

export class ResumingClient {
  /** Called with every event: those with an `offset` once each, in order; typing and presence as they come. */
  onEvent = () => {};
  /** Called when events may have been missed for good (`recovered: false`): read the history of these rooms. */
  onGap = () => {};
  /** Called with `true` when connected and up to date, with `false` when the connection is lost. */
  onState = () => {};

  #options;
  #rooms;
  #socket;
  /** Which connection this is; what earlier ones still say is ignored. */
  #generation = 0;
  #offset;
  /** Where a resume has to begin as long as a further look is due. */
  #unsettled;
  #seen = new Set();
  /** Events that wait until what was missed before them is known; undefined when nothing is missing. */
  #held;
  #requests = new Map();
  #unsent = [];
  #count = 0;
  #failures = 0;
  #closed = false;
  #timers = new Set();
  #pinging;

  /**
   * @param {object} options
   * @param {() => string | Promise<string>} options.url asked for at every connect: put a token into it that is still valid
   * @param {() => string[]} [options.protocols] `['causeway', token]` instead of a token in the URL
   * @param {string[]} options.rooms
   * @param {string} [options.offset] from where to resume after a restart of the application
   */
  constructor(options) {
    this.#options = { WebSocket: globalThis.WebSocket, protocols: () => [], backoffMs: 500, ...options };
    this.#rooms = new Set(options.rooms);
    this.#offset = options.offset;
    void this.#connect();
  }

  /** From where a resume would begin now. */
  get offset() {
    return this.#unsettled ?? this.#offset;
  }

  /** Sends a message, again if need be, until it is stored. Resolves with its event; rejects with the server's refusal. */
  send(roomId, fields) {
    return this.request({
      action: 'send',
      roomId,
      clientMessageId: globalThis.crypto.randomUUID(),
      ...fields,
    });
  }

  /** Any other request that may be repeated: `read`, `history`, `typing`. */
  request(frame) {
    return new Promise((resolve, reject) => {
      this.#unsent.push({ frame, resolve, reject });
      this.#flush();
    });
  }

  join(roomId) {
    this.#rooms.add(roomId);
    return this.request({ action: 'join', roomId });
  }

  leave(roomId) {
    this.#rooms.delete(roomId);
    return this.request({ action: 'leave', roomId });
  }

  /** For good. */
  close() {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#socket?.close();
  }

  async #connect() {
    const mine = ++this.#generation;
    const isMine = () => mine === this.#generation && !this.#closed;
    const timer = this.#after(ANSWER_MS, () => isMine() && this.#socket === undefined && this.#lost());
    try {
      const { WebSocket, url, protocols } = this.#options;
      const socket = new WebSocket(await url(), protocols());
      socket.onopen = () => {
        clearTimeout(timer);
        if (!isMine()) return socket.close();
        this.#socket = socket;
        this.#resume().catch(() => isMine() && this.#lost());
      };
      socket.onmessage = ({ data }) => isMine() && this.#receive(JSON.parse(String(data)));
      socket.onclose = () => isMine() && this.#lost();
      socket.onerror = () => {};
    } catch {
      if (isMine()) this.#lost();
    }
  }

  #lost() {
    this.#generation += 1;
    const wasUp = this.#socket !== undefined && this.#held === undefined;
    this.#socket?.close();
    this.#socket = undefined;
    // They are stored, so they come again.
    this.#held = undefined;
    clearTimeout(this.#pinging);
    const open = [...this.#requests.values()];
    this.#requests.clear();
    for (const { timer } of open) clearTimeout(timer);
    this.#unsent.unshift(...open.filter(({ frame }) => !OF_A_CONNECTION.has(frame.action)));
    for (const { frame, reject } of open)
      if (OF_A_CONNECTION.has(frame.action)) reject(new Error('connection lost'));
    if (wasUp) this.onState(false);
    // An account takes 500 new connections a second: not all at once, and later each time.
    const delay = this.#options.backoffMs * 2 ** Math.min(this.#failures++, 6) * (0.5 + Math.random());
    this.#after(delay, () => void this.#connect());
  }

  async #resume() {
    // What is pushed before the answer is held back.
    this.#held = [];
    const after = this.offset;
    const answer = await this.#look(after === undefined ? {} : { after });
    for (const { roomId, joined } of answer.rooms) if (!joined) this.#rooms.delete(roomId);
    this.#release();
    this.#failures = 0;
    if (!answer.recovered && after !== undefined) this.onGap([...this.#rooms]);
    this.onState(true);
    if (answer.next !== undefined) this.#lookAgain(answer.next);
  }

  /** Asks, and shows what the answers bring, until one held everything. */
  async #look(from) {
    const answer = await this.#ask({ action: 'resume', rooms: [...this.#rooms], ...from });
    for (const event of answer.events) this.#show(event);
    this.#unsettled = answer.next === undefined ? undefined : answer.offset;
    this.#reached(answer.offset);
    return answer.next?.inSeconds === 0 ? this.#look({ after: answer.next.after }) : answer;
  }

  /** What was being sent while this connection came: it was not stored yet, and this connection was not yet known. */
  #lookAgain({ after, inSeconds }) {
    const mine = this.#generation;
    const isMine = () => mine === this.#generation;
    this.#after(inSeconds * 1000, async () => {
      if (!isMine()) return;
      this.#held = [];
      try {
        await this.#look({ after });
        this.#release();
      } catch {
        if (isMine()) this.#lost();
      }
    });
  }

  #release() {
    const held = this.#held.toSorted((one, other) => (one.offset < other.offset ? -1 : 1));
    this.#held = undefined;
    for (const event of held) this.#show(event);
    this.#flush();
  }

  #receive(frame) {
    clearTimeout(this.#pinging);
    this.#pinging = this.#after(PING_MS, () => void this.#ask({ action: 'ping' }).catch(() => {}));
    const { id, ...event } = frame;
    const request = this.#requests.get(id);
    if (request === undefined)
      return event.event === undefined || event.event === 'error' ? undefined : this.#take(event);
    this.#requests.delete(id);
    clearTimeout(request.timer);
    if (event.event === 'error') return this.#refused(request, event);
    // The answer to `send` and `read` is the event itself, which the others get and a resume may bring again.
    if (event.event === 'message.created' || event.event === 'message.read') this.#take(event);
    return request.resolve(event);
  }

  #refused(request, error) {
    if (!RETRIABLE.has(error.code)) return request.reject(Object.assign(new Error(error.message), error));
    this.#after((error.retryAfterSeconds ?? 1) * 1000, () => {
      if (OF_A_CONNECTION.has(request.frame.action)) return this.#transmit(request);
      this.#unsent.push(request);
      this.#flush();
    });
  }

  #take(event) {
    if (event.offset === undefined) this.onEvent(event);
    else if (this.#held === undefined) this.#show(event);
    else this.#held.push(event);
  }

  #show(event) {
    if (this.#seen.has(event.offset)) return;
    this.#seen.add(event.offset);
    if (this.#seen.size > REMEMBERED) this.#seen.delete(this.#seen.values().next().value);
    this.#reached(event.offset);
    this.onEvent(event);
  }

  #reached(offset) {
    if (this.#offset === undefined || offset > this.#offset) this.#offset = offset;
  }

  #flush() {
    if (this.#socket === undefined || this.#held !== undefined) return;
    for (const request of this.#unsent.splice(0)) this.#transmit(request);
  }

  #ask(frame) {
    return new Promise((resolve, reject) => this.#transmit({ frame, resolve, reject }));
  }

  #transmit(request) {
    if (this.#socket === undefined) return request.reject(new Error('connection lost'));
    const id = `${++this.#count}`;
    this.#requests.set(id, request);
    // Without an answer the connection is as good as lost, whatever TCP says.
    const mine = this.#generation;
    request.timer = this.#after(ANSWER_MS, () => mine === this.#generation && this.#lost());
    return this.#socket.send(JSON.stringify({ ...request.frame, id }));
  }

  #after(milliseconds, act) {
    if (this.#closed) return undefined;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, milliseconds);
    this.#timers.add(timer);
    return timer;
  }
}
