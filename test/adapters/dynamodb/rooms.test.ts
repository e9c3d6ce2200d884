import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';

import { createRoomStore } from '../../../lambdas/adapters/dynamodb/rooms.ts';
import type { RoomId, UserId } from '../../../lambdas/domain/ids.ts';

test('a removal that stops half-way leaves a right that no list names, never a list that names no right', async () => {
  const deleted: unknown[] = [];
  const client = {
    async send({ input }: { readonly input: { readonly Key: unknown } }) {
      if (deleted.push(input.Key) > 1) throw new Error('out of order');
      return {};
    },
  };
  const rooms = createRoomStore({
    tableName: 'table',
    client: client as unknown as DynamoDBDocumentClient,
    now: () => 0,
  });

  await expect(rooms.removeParticipant('r1' as RoomId, 'anna' as UserId)).rejects.toThrow();

  expect(deleted).toEqual([
    { pk: 'USER#anna', sk: 'ROOM#r1' },
    { pk: 'ROOM#r1', sk: 'USER#anna' },
  ]);
});
