/**
 * The dialects' public door. Their events, for socket.io's type parameters:
 *
 *     const socket: Socket<chats.ServerToClientEvents, chats.ClientToServerEvents> = io(…);
 *
 * A socket that also listens for another vocabulary's events joins the types with `&`.
 */
export type * as chats from './chats.ts';
export type * as fama from './fama.ts';
export type * as messenger from './messenger.ts';
export type * as notifications from './notifications.ts';
export type * as rooms from './rooms.ts';
export type { Ack, Dialect, Intent, Occurrence, Saying } from './define-dialect.ts';
export type { Decoded, Vocabulary } from './vocabulary.ts';

export { asyncApiDocument } from './asyncapi.ts';
export { createVocabulary } from './vocabulary.ts';
export { vocabulariesOf } from './vocabularies.ts';
