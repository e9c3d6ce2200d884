import { compareRooms, ROOM_SIZE, roomRows, ROUNDS, type Compared } from '../compare-rooms.ts';
import { nativeRoom } from '../native-room.ts';
import { startEmulatorProcess } from '../running-emulator.ts';
import { socketIoRoom } from '../socketio-room.ts';
import { startStockServer } from '../stock-server.ts';
import type { Suite } from '../suite.ts';

export const nativeRoomSuite: Suite = { name: 'native-room', run };

async function run(): Promise<string> {
  const emulator = await startEmulatorProcess();
  const stock = await startStockServer();
  try {
    const rooms = [
      await socketIoRoom(stock.origin, ROOM_SIZE),
      await nativeRoom(emulator, ROOM_SIZE),
    ] as const;
    const compared = await compareRooms(...rooms);
    for (const talker of rooms.flat()) await talker.close();
    return markdown(compared);
  } finally {
    await stock.close();
    await emulator.stop('SIGTERM');
  }
}

function markdown(compared: Compared): string {
  return `## Room of ${ROOM_SIZE}: stock socket.io 4.8 and the native protocol

Medians of ${ROUNDS} rounds, in turns. Ours is the Lambda bundles of the synthesised template in the emulator: SDK v3,
loop-back HTTP, dynalite, signature and IAM checks on every call; one management POST per delivery.

| figure | stock socket.io | Causeway (emulator) | ratio |
|---|---|---|---|
${roomRows(compared).join('\n')}
`;
}
