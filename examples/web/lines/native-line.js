/** @import { Dialect, Ears, Line } from '../types.ts' */

const RETRY_AFTER_MS = 1_500;

/**
 * The native protocol (PROTOCOL.md): the token rides as a subprotocol, because a browser can't set headers here.
 *
 * @param {Dialect} dialect
 * @param {string} token
 * @param {Ears} ears
 * @returns {Line}
 */
export function openNativeLine(dialect, token, ears) {
  /** @type {Map<string, { resolve: (frame: unknown) => void, reject: (error: Error) => void }>} */
  const asked = new Map();
  let next = 1;
  let isWanted = true;
  let socket = connect();

  function connect() {
    ears.connection({ phase: 'connecting', transport: undefined, upgraded: false, recovered: false });
    const url = new URL('/native', location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const opened = new WebSocket(url, ['causeway', token]);
    opened.addEventListener('open', () =>
      ears.connection({ phase: 'connected', transport: 'websocket', upgraded: false, recovered: false }),
    );
    opened.addEventListener('message', ({ data }) => hear(JSON.parse(data)));
    opened.addEventListener('close', lost);
    return opened;
  }

  function lost() {
    for (const { reject } of asked.values()) reject(new Error('The connection was lost.'));
    asked.clear();
    ears.connection({
      phase: isWanted ? 'connecting' : 'offline',
      transport: undefined,
      upgraded: false,
      recovered: false,
    });
    if (isWanted) setTimeout(() => isWanted && (socket = connect()), RETRY_AFTER_MS);
  }

  /** @param {{ event: string, id?: string, message?: unknown }} frame */
  function hear({ event, id, ...payload }) {
    ears.wire('in', event, payload);
    const waiting = id === undefined ? undefined : asked.get(id);
    if (id !== undefined) asked.delete(id);
    if (event === 'error') {
      const message = String(payload.message);
      if (waiting) waiting.reject(new Error(message));
      else ears.heard({ kind: 'problem', message });
      return;
    }
    const heard = dialect.hears[event]?.(payload);
    if (heard) ears.heard(heard);
    waiting?.resolve(payload);
  }

  return {
    async say([action, payload]) {
      if (socket.readyState !== WebSocket.OPEN) throw new Error('Not connected yet; try again in a moment.');
      const id = String(next++);
      ears.wire('out', action, payload);
      const answer = new Promise((resolve, reject) => asked.set(id, { resolve, reject }));
      socket.send(JSON.stringify({ action, id, ...Object(payload) }));
      return answer;
    },
    cut: () => socket.close(),
    close() {
      isWanted = false;
      socket.close();
    },
  };
}
