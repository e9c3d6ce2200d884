// @ts-check
/** Ten thousand native clients in a process of their own: opens them, and tells its parent when each of them was told. */
import { WebSocket } from 'ws';

const [url = '', count = '0', ...tokens] = process.argv.slice(2);
/** How many open at the same time. */
const OPENING = 24;

/** Instants, and how often each client was told since the last look. */
let told = /** @type {number[]} */ ([]);
const times = Array.from({ length: Number(count) }, () => 0);

/**
 * Who is refused because so many connect at once tries again.
 *
 * @param {number} index
 * @returns {Promise<void>}
 */
async function open(index) {
  for (;;) {
    const socket = new WebSocket(`${url}?token=${tokens[index % tokens.length]}`, {
      perMessageDeflate: false,
    });
    const refused = await new Promise((resolve) => {
      socket.on('open', () => resolve(undefined));
      socket.on('error', resolve);
    });
    if (refused === undefined) return listen(socket, index);
    if (!/429|50\d/.test(String(refused))) throw refused;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/**
 * @param {WebSocket} socket
 * @param {number} index
 */
function listen(socket, index) {
  socket.on('message', (/** @type {Buffer} */ data) => {
    if (!data.toString().startsWith('{"event":"message.created"')) return;
    told.push(performance.timeOrigin + performance.now());
    times[index] += 1;
  });
}

let next = 0;
await Promise.all(
  Array.from({ length: OPENING }, async () => {
    while (next < Number(count)) await open(next++);
  }),
);
process.send?.({ open: next });
process.on('message', (message) => {
  if (message === 'look') process.send?.({ told: times.filter((n) => n > 0).length });
  if (message !== 'report') return;
  process.send?.({
    instants: told,
    once: times.filter((n) => n === 1).length,
    more: times.filter((n) => n > 1).length,
  });
  told = [];
  times.fill(0);
});
