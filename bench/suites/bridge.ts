import { compareRooms, ROOM_SIZE, roomRows, ROUNDS } from '../compare-rooms.ts';
import { compareConnects } from '../connects.ts';
import { residentMb, startEmulatorProcess } from '../running-emulator.ts';
import { socketIoRoom } from '../socketio-room.ts';
import { startStockServer } from '../stock-server.ts';
import { ratioRow, type Suite } from '../suite.ts';

const CONFIG = 'bench/bridge.config.ts';
const CONNECTS = 30;

export const bridgeSuite: Suite = { name: 'bridge', run };

async function run(): Promise<string> {
  const emulator = await startEmulatorProcess(CONFIG);
  const stock = await startStockServer();
  try {
    const connects = await compareConnects([stock.origin, emulator.origin], CONNECTS);
    const rooms = [
      await socketIoRoom(stock.origin, ROOM_SIZE),
      await socketIoRoom(emulator.origin, ROOM_SIZE),
    ] as const;
    const compared = await compareRooms(...rooms);
    const memory = [await residentMb(stock.pid), await residentMb(emulator.process.pid)] as const;
    for (const talker of rooms.flat()) await talker.close();
    return markdown([...connectRows(connects), ...roomRows(compared), ...memoryRow(memory)]);
  } finally {
    await stock.close();
    await emulator.stop('SIGTERM');
  }
}

function connectRows([stock, ours]: Awaited<ReturnType<typeof compareConnects>>): string[] {
  return [
    ratioRow('connect p50, default options, ms', stock.connected, ours.connected),
    ratioRow('… until upgraded p50, ms', stock.upgraded, ours.upgraded),
    ratioRow('connect p50, websocket only, ms', stock.webSocketOnly, ours.webSocketOnly),
    ratioRow('join with ack p50, ms', stock.joined, ours.joined),
  ];
}

/** Nothing where the system doesn't tell. */
function memoryRow([stock, ours]: readonly [number | undefined, number | undefined]): string[] {
  if (stock === undefined || ours === undefined) return [];
  return [ratioRow('resident memory afterwards, MB', stock, ours)];
}

function markdown(rows: readonly string[]): string {
  return `## Stock clients: stock socket.io 4.8 and the bridge

The same application (\`bench/room-application.mjs\`) and the same socket.io-client 4.8 on both, default options of both
servers; the bridge's default is recovery on, which writes every broadcast to its log. Connecting: medians of ${CONNECTS}, one
client at a time. Room of ${ROOM_SIZE}, websocket only: medians of ${ROUNDS} rounds. Always in turns. The emulator's memory is
that of all functions, the tables and the gateway.

| figure | stock socket.io | Causeway (emulator) | ratio |
|---|---|---|---|
${rows.join('\n')}
`;
}
