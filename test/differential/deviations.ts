import type { Transport } from './stage.ts';

export interface Deviation {
  /** Names of scenarios whose transcripts differ. */
  readonly scenarios: readonly string[];
  /** Where; everywhere when absent. */
  readonly transport?: Transport;
  readonly what: string;
  readonly reason: string;
}

/**
 * Scenarios whose transcripts differ on purpose. Each is still played on both, and must differ: a deviation that has gone
 * is to be removed from here and from docs/compatibility.md.
 */
export const DEVIATIONS = {
  once: {
    scenarios: ['once'],
    what: '`socket.once` of the server handles the event every time',
    reason:
      'the connection listener runs in every invocation and attaches it again; listeners live in memory',
  },
  off: {
    scenarios: ['off'],
    what: '`socket.off` of the server lasts until the handler that calls it has ended',
    reason:
      'the connection listener runs in every invocation and attaches it again; listeners live in memory',
  },
  'asking the caller': {
    scenarios: [
      'the server waits for the answer of a client: promise, callback, with time',
      'the server asks a room and gets every answer',
      'the server asks a room of which some stay silent',
    ],
    transport: 'polling',
    what: 'over polling a handler gets no answer of the client whose event it handles, that of others it gets; over WebSocket, where clients usually are, it gets all',
    reason:
      'a client posts its answer only when the POST with its event has been answered, which ends the invocation',
  },
} as const satisfies Readonly<Record<string, Deviation>>;

export function deviationOf(scenario: string, transport: Transport): Deviation | undefined {
  return Object.values<Deviation>(DEVIATIONS).find(
    (deviation) =>
      deviation.scenarios.includes(scenario) && [undefined, transport].includes(deviation.transport),
  );
}

/**
 * Of a client that disconnects and closes its connection in the same breath the server learns twice, from two invocations
 * at the same time: either may be first, and says why.
 */
export const EITHER_REASON = {
  reasons: ['client namespace disconnect', 'transport close'],
  what: '`client namespace disconnect` or `transport close`, whichever is seen first; the listeners run once',
  reason: 'the last frame and the close of a connection are handled by two invocations at the same time',
} as const;

/**
 * Scenarios whose packets have several attachments: over WebSocket they may arrive in any order (deviation
 * `attachment-order` of test/conformance/deviations.ts), so that only which there are is compared.
 */
export function mayReorderAttachments(scenario: string, transport: Transport): boolean {
  return transport === 'websocket' && scenario === 'several attachments in a packet';
}
