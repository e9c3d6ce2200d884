import { describe, expect, test } from 'vitest';
import { runDisconnect } from '../../../emulator/apigateway/websocket/disconnect.ts';

const integration = { kind: 'lambda', logicalId: 'i', uri: 'fn', timeoutMs: 1_000 };
const api = {
  id: 'abc',
  name: 'open',
  region: 'r',
  accountId: '1',
  domain: 'd',
  routes: new Map([['$disconnect', { key: '$disconnect', integration, twoWay: false }]]),
};
const peer = { connectionId: 'c', api, stage: 'live', connectedAt: 0, identity: { sourceIp: '::1' } };

function fakes(chaos: { delayMs?: number; drops?: boolean }) {
  const happened: string[] = [];
  const services = {
    clock: { now: () => 0 },
    chaos: {
      delay: (site: string) => (site === 'disconnect' ? (chaos.delayMs ?? 0) : 0),
      strikes: (fault: string) => fault === 'drop-disconnect' && chaos.drops === true,
    },
    meter: { close: () => happened.push('closed') },
    lambda: { invoke: () => (happened.push('invoked'), Promise.resolve({ kind: 'ok', payload: undefined })) },
    log: () => {},
  };
  const run = () =>
    runDisconnect(services as never, { api, peer, event: { id: 1, label: 'x' } } as never, {
      code: 1000,
      reason: '',
    });
  return { happened, run };
}

describe('$disconnect is best effort', () => {
  test('it runs, and then its event is over', async () => {
    const { happened, run } = fakes({});
    await run();
    expect(happened).toEqual(['invoked', 'closed']);
  });

  test('chaos drops it: the function never hears of it, and nothing stays pending', async () => {
    const { happened, run } = fakes({ drops: true });
    await run();
    expect(happened).toEqual(['closed']);
  });

  test('chaos delays it', async () => {
    const { happened, run } = fakes({ delayMs: 30 });
    const running = run();
    await new Promise((resolve) => setImmediate(resolve));
    expect(happened).toEqual([]);
    await running;
    expect(happened).toEqual(['invoked', 'closed']);
  });
});
