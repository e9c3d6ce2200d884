import * as v from 'valibot';

import { inChunks } from '../../lambdas/adapters/dynamodb/in-chunks.ts';
import { key } from '../../lambdas/adapters/dynamodb/keys.ts';
import { advanceReceipt } from '../../lambdas/adapters/dynamodb/receipts.ts';
import type { Table } from '../../lambdas/adapters/dynamodb/table.ts';
import type { User } from '../../lambdas/domain/entities.ts';
import type { UserId } from '../../lambdas/domain/ids.ts';
import { checkRoomName } from '../../lambdas/domain/text-rules.ts';
import { ruledField } from '../../lambdas/wire/json/fields.ts';
import { batchWrite } from './batch-write.ts';
import { instantField, lineOf, originalIdField, roomIdField, userIdField } from './fields.ts';
import { fillIn } from './fill-in.ts';
import { importedId } from './imported-id.ts';
import type { Importer } from './importer.ts';
import type { Lookup } from './known.ts';
import { patiently } from './patiently.ts';

/** No user id has a `#`: nobody has the creator's rights. */
const NOBODY = '#nobody';

const participantEntry = v.union(
  [
    v.pipe(
      userIdField,
      v.transform((id): Participation => ({ id })),
    ),
    lineOf({
      id: userIdField,
      joinedAt: v.exactOptional(instantField),
      /** The newest message this user has read. */
      lastRead: v.exactOptional(
        lineOf({ id: originalIdField, createdAt: instantField, readAt: v.exactOptional(instantField) }),
      ),
    }),
  ],
  'must be a user id, or an object with id, joinedAt?, lastRead? { id, createdAt, readAt? }',
);

const roomLine = lineOf({
  id: roomIdField,
  name: v.exactOptional(ruledField(checkRoomName, {})),
  createdBy: v.exactOptional(userIdField),
  createdAt: instantField,
  participants: v.optional(v.array(participantEntry, 'must be an array'), []),
});
type RoomLine = v.InferOutput<typeof roomLine>;
type Instant = v.InferOutput<typeof instantField>;

interface Participation {
  readonly id: UserId;
  readonly joinedAt?: Instant;
  readonly lastRead?: { readonly id: string; readonly createdAt: Instant; readonly readAt?: Instant };
}

export function createRoomImporter(usersOf: Lookup<UserId, User>): Importer<RoomLine> {
  return {
    schema: roomLine,
    atOnce: 2,
    write: async (table, rooms) => {
      const reasons: (string | undefined)[] = [];
      // One room at a time: its participants are written side by side.
      for (const room of rooms) reasons.push(await writeRoom(table, room, usersOf));
      return reasons;
    },
  };
}

async function writeRoom(
  table: Table,
  room: RoomLine,
  usersOf: Lookup<UserId, User>,
): Promise<string | undefined> {
  const users = await usersOf(
    table,
    room.participants.map(({ id }) => id),
  );
  const stranger = room.participants.find(({ id }) => !users.has(id));
  if (stranger !== undefined) return `participants: there is no user ${stranger.id}.`;
  const { name, createdBy = NOBODY, createdAt } = room;
  await patiently(() => fillIn(table, key.room(room.id), { name, createdBy, createdAt: createdAt.ms }));
  await inChunks(room.participants, (one) => patiently(() => writeParticipant(table, room, one)));
  await batchWrite(
    table,
    room.participants.map(({ id }) => key.participation(id, room.id)),
  );
  return undefined;
}

/** The right first, the index after it, as in rooms.addParticipants. Receipts only move forward, whoever moves them. */
async function writeParticipant(
  table: Table,
  room: RoomLine,
  { id, joinedAt, lastRead }: Participation,
): Promise<void> {
  await fillIn(table, key.participant(room.id, id), { joinedAt: (joinedAt ?? room.createdAt).ms });
  if (lastRead === undefined) return;
  await advanceReceipt(table, {
    roomId: room.id,
    userId: id,
    messageId: importedId(lastRead, room.id),
    readAt: (lastRead.readAt ?? lastRead.createdAt).ms,
  });
}
