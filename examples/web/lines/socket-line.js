/** @import { Dialect, Ears, Line } from '../types.ts' */
import { io } from '../socket.io.esm.min.js';
import { lifecycle } from '../dialects/lifecycle.js';

const ANSWER_WITHIN_MS = 10_000;

/**
 * A stock client: polling first, then the upgrade, as every socket.io-client does.
 *
 * @param {Dialect} dialect
 * @param {string} token
 * @param {Ears} ears
 * @returns {Line}
 */
export function openSocketLine(dialect, token, ears) {
  // A connection of its own, so that each dialect is its own client.
  const socket = io(dialect.namespace, { auth: { token }, forceNew: true });
  const hears = { ...lifecycle, ...dialect.hears };
  watchConnection(socket, ears);
  socket.on('connect', () => {
    if (dialect.opening) void say(dialect.opening).catch(() => {});
  });
  socket.onAny((event, payload) => {
    ears.wire('in', event, payload);
    const heard = hears[event]?.(payload);
    if (heard) ears.heard(heard);
  });

  /** @type {Line['say']} */
  async function say([event, payload]) {
    ears.wire('out', event, payload);
    const answer = await socket.timeout(ANSWER_WITHIN_MS).emitWithAck(event, payload);
    if (answer?.error) throw new Error(answer.error.message);
    return answer;
  }

  return { say, cut: () => socket.io.engine.close(), close: () => socket.disconnect() };
}

/** @param {import('socket.io-client').Socket} socket @param {Ears} ears */
function watchConnection(socket, ears) {
  let began = '';
  const tell = () => {
    const transport = socket.io.engine?.transport?.name;
    ears.connection({
      phase: socket.connected ? 'connected' : socket.active ? 'connecting' : 'offline',
      transport: socket.connected ? transport : undefined,
      upgraded: began === 'polling' && transport === 'websocket',
      recovered: socket.connected && socket.recovered,
    });
  };
  socket.io.on('open', () => {
    began = socket.io.engine.transport.name;
    socket.io.engine.on('upgrade', tell);
  });
  socket.on('connect', tell);
  socket.on('disconnect', tell);
  socket.on('connect_error', (error) => {
    tell();
    ears.heard({ kind: 'problem', message: error.message });
  });
  tell();
}
