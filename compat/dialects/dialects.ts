/** Every vocabulary there is. A new one is its table, its name in lambdas/manifest/dialects.ts, and a line here. */
import type { DialectId } from '../../lambdas/manifest/dialects.ts';
import { chats } from './chats.ts';
import type { Dialect } from './define-dialect.ts';
import { fama } from './fama.ts';
import { messenger } from './messenger.ts';
import { notifications } from './notifications.ts';
import { rooms } from './rooms.ts';

export const dialects = { fama, messenger, rooms, chats, notifications } satisfies Record<DialectId, Dialect>;
