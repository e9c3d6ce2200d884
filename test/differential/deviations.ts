import type { Transport } from './stage.ts';

/**
 * Scenarios whose transcripts differ on purpose. Each is still played on both, and must differ: a deviation that has gone
 * is to be removed from here and from docs/compatibility.md.
 */
export const DEVIATIONS: readonly {
  readonly scenario: string;
  readonly transport?: Transport;
  readonly what: string;
  readonly reason: string;
}[] = [
  {
    scenario: 'once',
    what: '`socket.once` of the server handles the event every time',
    reason:
      'the connection listener runs in every invocation and attaches it again; listeners live in memory',
  },
  {
    scenario: 'off',
    what: '`socket.off` of the server lasts until the handler that calls it has ended',
    reason:
      'the connection listener runs in every invocation and attaches it again; listeners live in memory',
  },
];
