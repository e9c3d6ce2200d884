import { createRoom } from '../../app/create-room.ts';
import { getRoom } from '../../app/get-room.ts';
import { listRooms } from '../../app/list-rooms.ts';
import { roomJson, roomSummaryJson } from '../json-views.ts';
import { bearerOperation } from '../operation.ts';
import { roomParams } from '../schemas/messages.ts';
import { room, roomBody, roomExample, roomList, roomSummaryExample } from '../schemas/rooms.ts';

export const listRoomsOperation = bearerOperation({
  method: 'get',
  path: '/chat/rooms',
  operationId: 'listRooms',
  summary: 'Rooms the caller participates in, the one with the newest message first',
  tag: 'rooms',
  success: {
    status: 200,
    description: 'The rooms.',
    schema: roomList,
    example: { rooms: [roomSummaryExample] },
  },
  errors: [],
  handle: async (deps, { identity }) => {
    const rooms = await listRooms(deps, { userId: identity.userId });
    return { rooms: rooms.map(roomSummaryJson) };
  },
});

export const createRoomOperation = bearerOperation({
  method: 'post',
  path: '/chat/rooms',
  operationId: 'createRoom',
  summary: 'Create a room; its creator participates',
  tag: 'rooms',
  body: roomBody,
  bodyExample: { name: 'Lunch', participantIds: ['68f1c2a40b5e9d3a7c11f002'] },
  success: { status: 201, description: 'The new room.', schema: room, example: roomExample },
  errors: [],
  handle: async (deps, { identity: { userId }, body, arrival }) => {
    const created = await createRoom(deps, { ...body, userId, at: arrival.at });
    return roomJson(await getRoom(deps, { roomId: created.room.id, userId }));
  },
});

export const getRoomOperation = bearerOperation({
  method: 'get',
  path: '/chat/rooms/{roomId}',
  operationId: 'getRoom',
  summary: 'A room with its participants and their read receipts',
  tag: 'rooms',
  params: roomParams,
  success: { status: 200, description: 'The room.', schema: room, example: roomExample },
  errors: ['not_found'],
  handle: async (deps, { identity: { userId }, params: { roomId } }) =>
    roomJson(await getRoom(deps, { roomId, userId })),
});
