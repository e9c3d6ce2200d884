import { randomBytes } from 'node:crypto';
import type { RoomId, SessionId, UserId } from '../../domain/ids.ts';
import { OBJECT_ID_RANDOM_BYTES, objectId } from '../../domain/object-id.ts';
import type { Ids } from '../../ports/runtime.ts';

export const randomIds: Ids = {
  user: (at) => objectId(at, randomBytes(OBJECT_ID_RANDOM_BYTES)) as UserId,
  room: (at) => objectId(at, randomBytes(OBJECT_ID_RANDOM_BYTES)) as RoomId,
  session: () => randomBytes(16).toString('base64url') as SessionId,
};
