import { addParticipants } from '../../app/add-participants.ts';
import { getRoom } from '../../app/get-room.ts';
import { removeParticipant } from '../../app/remove-participant.ts';
import { roomJson } from '../json-views.ts';
import { bearerOperation } from '../operation.ts';
import { roomParams } from '../schemas/messages.ts';
import { participantParams, participantsBody, room, roomExample } from '../schemas/rooms.ts';

export const addParticipantsOperation = bearerOperation({
  method: 'post',
  path: '/chat/rooms/{roomId}/participants',
  operationId: 'addParticipants',
  summary: 'Let more users into a room; any participant may',
  tag: 'rooms',
  params: roomParams,
  body: participantsBody,
  bodyExample: { participantIds: ['68f1c2a40b5e9d3a7c11f002'] },
  success: { status: 200, description: 'The room as it is now.', schema: room, example: roomExample },
  errors: ['not_found'],
  handle: async (deps, { identity: { userId }, params: { roomId }, body, arrival }) => {
    await addParticipants(deps, { roomId, userId, participantIds: body.participantIds, at: arrival.at });
    return roomJson(await getRoom(deps, { roomId, userId }));
  },
});

export const removeParticipantOperation = bearerOperation({
  method: 'delete',
  path: '/chat/rooms/{roomId}/participants/{userId}',
  operationId: 'removeParticipant',
  summary: 'Leave a room for good, or remove somebody from a room one created',
  tag: 'rooms',
  params: participantParams,
  success: { status: 204, description: 'No longer a participant; their connections were told.' },
  errors: ['forbidden', 'not_found'],
  handle: (deps, { identity, params, arrival }) => {
    const { userId: callerId, role } = identity;
    const caller = { userId: callerId, ...(role === undefined ? {} : { role }) };
    return removeParticipant(deps, { ...params, caller, at: arrival.at });
  },
});
