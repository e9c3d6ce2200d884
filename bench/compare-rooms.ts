import { median, RoomMeter, type RoomFigures, type RoomLoad, type Talker } from './room.ts';
import { ratioRow } from './suite.ts';

export const ROOM_SIZE = 50;
export const ROUNDS = 3;

/** Stock is so fast that it needs more to be measured at all. */
const STOCK_LOAD: RoomLoad = { paced: 300, messages: 3_000, window: 8 };
const OUR_LOAD: RoomLoad = { paced: 60, messages: 200, window: 8 };

export interface Compared {
  readonly stock: RoomFigures;
  readonly ours: RoomFigures;
}

/** In turns, so that a busy minute of the machine meets both. */
export async function compareRooms(
  stockTalkers: readonly Talker[],
  ourTalkers: readonly Talker[],
): Promise<Compared> {
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

export function roomRows({ stock, ours }: Compared): readonly string[] {
  return [
    ratioRow('ack p50, ms', stock.ackP50, ours.ackP50),
    ratioRow('delivery p50, ms', stock.deliveryP50, ours.deliveryP50),
    ratioRow('delivery p99, ms', stock.deliveryP99, ours.deliveryP99),
    ratioRow(
      `deliveries/s, ${OUR_LOAD.window} sends in flight`,
      stock.deliveriesPerSecond,
      ours.deliveriesPerSecond,
    ),
  ];
}
