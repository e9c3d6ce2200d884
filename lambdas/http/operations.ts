import * as v from 'valibot';

import { openApiDocument } from './openapi.ts';
import type { Operation } from './operation.ts';
import { publicOperation } from './operation.ts';
import { loginOperation, registerOperation } from './routes/auth.ts';
import { healthOperation } from './routes/health.ts';
import { listMessagesOperation, postMessageOperation } from './routes/messages.ts';
import {
  listNotificationsOperation,
  notifyOperation,
  readNotificationOperation,
} from './routes/notifications.ts';
import { addParticipantsOperation, removeParticipantOperation } from './routes/participants.ts';
import { createRoomOperation, getRoomOperation, listRoomsOperation } from './routes/rooms.ts';
import { getMeOperation } from './routes/users.ts';

let document: object | undefined;

const openApiOperation = publicOperation({
  method: 'get',
  path: '/openapi.json',
  operationId: 'openApi',
  summary: 'This document',
  tag: 'service',
  success: { status: 200, description: 'OpenAPI 3.1.', schema: v.looseObject({ openapi: v.string() }) },
  errors: [],
  handle: () => {
    // Made at the first request for it, and once: most instances never serve it.
    document ??= openApiDocument(OPERATIONS);
    return Promise.resolve(document as { openapi: string });
  },
});

const asyncApiOperation = publicOperation({
  method: 'get',
  path: '/asyncapi.json',
  operationId: 'asyncApi',
  summary: 'The Socket.IO vocabularies of this deployment, as events',
  tag: 'service',
  success: { status: 200, description: 'AsyncAPI 3.0.', schema: v.looseObject({ asyncapi: v.string() }) },
  errors: [],
  handle: ({ asyncApi }) => Promise.resolve(asyncApi()),
});

/** The whole REST API, in the order of its document. */
export const OPERATIONS: readonly Operation[] = [
  registerOperation,
  loginOperation,
  getMeOperation,
  listRoomsOperation,
  createRoomOperation,
  getRoomOperation,
  addParticipantsOperation,
  removeParticipantOperation,
  listMessagesOperation,
  postMessageOperation,
  listNotificationsOperation,
  notifyOperation,
  readNotificationOperation,
  openApiOperation,
  asyncApiOperation,
  healthOperation,
];
