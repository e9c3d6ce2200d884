import type { Scenario, Transcript } from '../stage.ts';

const ERROR = ['event', 'error', [{ message: 'Internal error' }]];

/** Handlers that fail, and what their caller is told: that it failed, and nothing else. The connection stays. */
export const ERRORS: readonly {
  readonly name: string;
  readonly scenario: Scenario;
  readonly expected: Transcript;
}[] = [
  failing('a handler throws', ['throw'], [ERROR]),
  failing('a handler rejects', ['reject'], [ERROR]),
  failing('a handler emits and throws', ['emit, then throw'], [['event', 'emitted before', []], ERROR]),
  {
    name: 'a handler with an ack throws',
    scenario: {
      name: 'a handler with an ack throws',
      async play(stage) {
        const alice = await stage.join('alice', '/errors');
        await alice.ask('throw with ack');
      },
    },
    expected: { alice: [['connect'], ERROR, ['ack', 'throw with ack', [{ error: 'Internal error' }]]] },
  },
];

function failing(name: string, events: readonly string[], seen: readonly (readonly unknown[])[]) {
  const scenario: Scenario = {
    name,
    async play(stage) {
      const alice = await stage.join('alice', '/errors');
      for (const event of events) {
        alice.emit(event);
        await alice.sees('event', 'error');
      }
      await alice.fence();
    },
  };
  return { name, scenario, expected: { alice: [['connect'], ...seen] } };
}
