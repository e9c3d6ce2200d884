import { nativeRoom } from '../native-room.ts';
import { median, RoomMeter, type RoomFigures, type Talker } from '../room.ts';
import { startEmulatorProcess } from '../running-emulator.ts';
import { startStockServer, stockRoom } from '../stock-room.ts';
import { ratioRow, type Suite } from '../suite.ts';

const SIZE = 50;
const ROUNDS = 3;
/** In turns, so that a busy minute of the machine meets both. Stock is so fast that it needs more to be measured at all. */
const STOCK_LOAD = { paced: 300, messages: 3_000, window: 8 };
const OUR_LOAD = { paced: 60, messages: 200, window: 8 };

export const nativeRoomSuite: Suite = { name: 'native-room', run };

async function run(): Promise<string> {
  const stock = await startStockServer();
  const emulator = await startEmulatorProcess();
  try {
    const rooms = [await stockRoom(stock.origin, SIZE), await nativeRoom(emulator, SIZE)] as const;
    const figures = await measure(...rooms);
    for (const talker of rooms.flat()) await talker.close();
    return markdown(figures);
  } finally {
    await stock.close();
    await emulator.stop('SIGTERM');
  }
}

interface Measured {
  readonly stock: RoomFigures;
  readonly ours: RoomFigures;
}

async function measure(stockTalkers: readonly Talker[], ourTalkers: readonly Talker[]): Promise<Measured> {
  const [stock, ours] = [new RoomMeter(stockTalkers), new RoomMeter(ourTalkers)];
  const [stockRounds, ourRounds]: [RoomFigures[], RoomFigures[]] = [[], []];
  // Warm on both sides: cold starts are told by the bundles' import times.
  await stock.round({ paced: 20, messages: 200, window: 8 });
  await ours.round({ paced: 5, messages: 40, window: 8 });
  for (let round = 0; round < ROUNDS; round += 1) {
    stockRounds.push(await stock.round(STOCK_LOAD));
    ourRounds.push(await ours.round(OUR_LOAD));
  }
  return { stock: median(stockRounds), ours: median(ourRounds) };
}

function markdown({ stock, ours }: Measured): string {
  return `## Room of ${SIZE}: stock socket.io 4.8 and the native protocol

Medians of ${ROUNDS} rounds, in turns. Ours is the Lambda bundles of the synthesised template in the emulator: SDK v3,
loop-back HTTP, dynalite, signature and IAM checks on every call; one management POST per delivery.

| figure | stock socket.io | Causeway (emulator) | ratio |
|---|---|---|---|
${ratioRow('ack p50, ms', stock.ackP50, ours.ackP50)}
${ratioRow('delivery p50, ms', stock.deliveryP50, ours.deliveryP50)}
${ratioRow('delivery p99, ms', stock.deliveryP99, ours.deliveryP99)}
${ratioRow(`deliveries/s, ${OUR_LOAD.window} sends in flight`, stock.deliveriesPerSecond, ours.deliveriesPerSecond)}
`;
}
