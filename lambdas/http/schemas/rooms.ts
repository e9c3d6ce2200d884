import * as v from 'valibot';

import { ROOM_LIST } from '../../manifest/limits.ts';
import { REQUIRED, roomIdField } from '../../wire/json/fields.ts';
import { instant, list, participantIdsField, roomNameField, userIdField } from './fields.ts';
import { message, messageExample } from './messages.ts';
import { personExample } from './people.ts';

export const roomBody = v.object(
  { name: v.exactOptional(roomNameField), participantIds: v.optional(participantIdsField, []) },
  REQUIRED,
);

export const participantsBody = v.object(
  { participantIds: v.pipe(participantIdsField, v.minLength(1, 'must not be empty')) },
  REQUIRED,
);

export const participantParams = v.object({ roomId: roomIdField, userId: userIdField }, REQUIRED);

/** Names are absent for somebody of an external issuer who has not connected yet. */
export const participant = v.object({
  id: v.string(),
  username: v.exactOptional(v.string()),
  displayName: v.exactOptional(v.string()),
  /** As far as the others were told: seconds behind, and up to two sweeps behind a connection that vanished. */
  isOnline: v.boolean(),
  /** When they were last online before now; absent for who never left. */
  lastSeenAt: v.exactOptional(instant),
  joinedAt: instant,
  lastReadMessageId: v.exactOptional(v.string()),
  lastReadAt: v.exactOptional(instant),
});

const roomEntries = {
  id: v.string(),
  name: v.exactOptional(v.string()),
  createdBy: v.string(),
  createdAt: instant,
  lastMessage: v.exactOptional(message),
  /** Messages of others since one's own receipt; counted up to 100. */
  unreadCount: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(ROOM_LIST.unreadMax)),
};

export const roomSummary = v.object(roomEntries);
export const room = v.object({ ...roomEntries, participants: list(participant) });

/** The room with the newest message first. */
export const roomList = v.object({ rooms: list(roomSummary) });

export const roomSummaryExample = {
  id: '68f1c2a40b5e9d3a7c11f0aa',
  name: 'Lunch',
  createdBy: '68f1c2a40b5e9d3a7c11f001',
  createdAt: '2026-01-02T03:00:00.000Z',
  lastMessage: messageExample,
  unreadCount: 1,
};
export const roomExample = {
  ...roomSummaryExample,
  participants: [{ ...personExample, isOnline: true, joinedAt: '2026-01-02T03:00:00.000Z' }],
};
