import type { MeterReport } from '../../emulator/types.ts';
import type { RoomId, UserId } from '../../lambdas/domain/ids.ts';
import { FAN_OUT } from '../../lambdas/manifest/limits.ts';
import { startCauseway, type Causeway } from '../../test/support/causeway.ts';
import type { NativeClient } from '../../test/support/native-client.ts';
import { Crowd, letIn } from '../crowd.ts';
import { figure, quantile, type Suite } from '../suite.ts';

export const fanOutSuite: Suite = { name: 'fanout', run };

const SIZE = Number(process.env['CAUSEWAY_BENCH_CROWD'] ?? 10_000);
const PEOPLE = 100;
const ROUNDS = 3;

interface Round {
  readonly ackMs: number;
  readonly deliveryMs: readonly number[];
  readonly once: number;
  readonly more: number;
  readonly meter: MeterReport;
}

async function run(): Promise<string> {
  const causeway = await startCauseway({ configFile: 'bench/crowd.config.ts', latency: 'aws' });
  let crowd: Crowd | undefined;
  try {
    const [owner, ...people] = await Promise.all(
      Array.from({ length: PEOPLE + 1 }, (_, n) => causeway.register(`person${n}`)),
    );
    const roomId = await causeway.createRoom(owner!, []);
    crowd = await Crowd.open(causeway.urls.native, people, SIZE);
    await causeway.quiet();
    await letIn(causeway, roomId as RoomId, 'crowd' as UserId);
    const sender = await causeway.connect(owner!);
    await sender.request({ action: 'join', roomId });
    const rounds: Round[] = [];
    for (let n = 0; n <= ROUNDS; n += 1) rounds.push(await round(causeway, crowd, { sender, roomId }));
    return markdown(rounds);
  } finally {
    await crowd?.close();
    await causeway.close();
  }
}

async function round(
  causeway: Causeway,
  crowd: Crowd,
  { sender, roomId }: { readonly sender: NativeClient; readonly roomId: string },
): Promise<Round> {
  await causeway.quiet();
  causeway.resetMeter();
  const started = performance.timeOrigin + performance.now();
  const answer = await sender.request({ action: 'send', roomId, content: 'To all of you.' });
  const ackMs = performance.timeOrigin + performance.now() - started;
  if (answer.event !== 'message.created') throw new Error(JSON.stringify(answer));
  const { instants, once, more } = await crowd.told(causeway.quiet);
  const deliveryMs = instants.map((instant) => instant - started);
  return { ackMs, deliveryMs, once, more, meter: causeway.meter() };
}

function markdown([cold, ...warm]: readonly Round[]): string {
  if (cold === undefined) throw new Error('no round');
  const of = (read: (round: Round) => number) => quantile(warm.map(read), 0.5);
  const row = (label: string, read: (round: Round) => number, format = figure) =>
    `| ${label} | ${format(read(cold))} | ${format(of(read))} |`;
  const at = (q: number) => (round: Round) => quantile(round.deliveryMs, q);
  const usd = (value: number) => `$${value.toFixed(5)}`;
  return `## A room of ${SIZE.toLocaleString('en')}: one message to everybody

${SIZE.toLocaleString('en')} real WebSockets of the native protocol, in a process of their own, and the latencies of AWS injected
(\`--latency aws\`: 15 ms a post, 8 ms a read or write, 8 ms to hand over, 50 + 15 ms until the function runs). Their rows in the
room are written by the store, not by \`join\`. Bags of ${FAN_OUT.bag}, ${FAN_OUT.concurrency} posts at once in each; the machine, not AWS, bounds
the posts: emulator, functions and clients share its cores. The first message meets cold instances; medians of ${warm.length} more.

| figure | cold | warm |
|---|---|---|
${[
  row('ack to the sender, ms', ({ ackMs }) => ackMs),
  row('first delivery, ms', at(0)),
  row('delivery p50, ms', at(0.5)),
  row('delivery p99, ms', at(0.99)),
  row('last delivery, ms', at(1)),
  row('told once', ({ once }) => once),
  row('posted to twice (a post unanswered for 3 s; clients drop it)', ({ more }) => more),
  row('invocations of fan-out', invocations),
  row('management POSTs', ({ meter }) => meter.total.managementPosts),
  row('posts of the sender’s invocation', ({ meter }) => sendOf(meter)?.managementPosts ?? 0),
  row('DynamoDB read units', ({ meter }) => meter.total.readUnits),
  row('DynamoDB write units', ({ meter }) => meter.total.writeUnits),
  row('price on AWS by the meter', price, usd),
].join('\n')}
`;
}

function invocations({ meter }: Round): number {
  return eventOf(meter, / async$/)?.lambdaInvocations ?? 0;
}

function sendOf(meter: MeterReport) {
  return eventOf(meter, / send$/);
}

function eventOf({ events }: MeterReport, label: RegExp) {
  return Object.entries(events).find(([name]) => label.test(name))?.[1];
}

/** Of the message; being connected costs the same without it. */
function price({ meter }: Round): number {
  return meter.cost.usd - (meter.cost.parts['connectionMinutes'] ?? 0);
}
