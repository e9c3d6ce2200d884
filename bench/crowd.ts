import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { createMemberStore } from '../lambdas/adapters/dynamodb/members.ts';
import type { ConnectionId, RoomId, UserId } from '../lambdas/domain/ids.ts';
import { nextShardCount, shardOf } from '../lambdas/domain/shard.ts';
import { mapBounded } from '../lambdas/app/map-bounded.ts';
import type { Causeway } from '../test/support/causeway.ts';
import { openTable } from '../test/support/operator-table.ts';
import type { Person } from '../test/support/rest-client.ts';

/** What became of one message. */
export interface Told {
  /** Epoch milliseconds, one for each delivery. */
  readonly instants: readonly number[];
  readonly once: number;
  readonly more: number;
}

/** Real WebSockets of some users, in a process of their own. */
export class Crowd {
  readonly #process: ChildProcess;
  readonly size: number;

  private constructor(child: ChildProcess, size: number) {
    this.#process = child;
    this.size = size;
  }

  static async open(native: string, people: readonly Person[], size: number): Promise<Crowd> {
    const script = fileURLToPath(new URL('crowd-clients.mjs', import.meta.url));
    const child = fork(script, [native, String(size), ...people.map(({ token }) => token)]);
    const ended = once(child, 'exit').then(() => Promise.reject(new Error('The clients could not connect')));
    await Promise.race([once(child, 'message'), ended]);
    ended.catch(() => {});
    return new Crowd(child, size);
  }

  /** When everybody has been told at least once, and nothing is on its way any more. */
  async told(quiet: () => Promise<void>): Promise<Told> {
    let told = 0;
    while (told < this.size) {
      ({ told } = (await this.#ask('look')) as { told: number });
      if (told < this.size) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await quiet();
    return (await this.#ask('report')) as Told;
  }

  async #ask(question: string): Promise<unknown> {
    const answer = once(this.#process, 'message');
    this.#process.send(question);
    const [said] = (await answer) as [unknown];
    return said;
  }

  async close(): Promise<void> {
    const exited = once(this.#process, 'exit');
    this.#process.kill();
    await exited;
  }
}

/**
 * Lets connections into a room as `join` would, which at this size would be the greater part of the run: their rows are
 * written by the same store.
 */
export async function letIn(causeway: Causeway, roomId: RoomId, userId: UserId): Promise<void> {
  const { client, tableName, close } = openTable(causeway);
  const members = createMemberStore({ client, tableName, now: () => causeway.clock.now() });
  const answer = await fetch(`${causeway.urls.origin}/_emulator/connections`);
  const connections = (await answer.json()) as { connectionId: ConnectionId }[];
  const shards = nextShardCount(connections.length, 1);
  await members.grow(roomId, 1, shards);
  const expiresAt = causeway.clock.now() + 3_600_000;
  await mapBounded(connections, 50, ({ connectionId }) => {
    const shard = shardOf(connectionId, shards);
    return members.add({ connectionId, userId, dialect: 'native', roomId, shard }, expiresAt);
  });
  close();
}
