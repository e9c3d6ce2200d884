import { chats } from './chats.js';
import { messenger } from './messenger.js';
import { native } from './native.js';
import { rooms } from './rooms.js';

/** In the order of the switch. */
export const DIALECTS = { chats, rooms, messenger, native };
