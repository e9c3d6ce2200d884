/** @import { Dialect } from '../types.ts' */

/**
 * What every socket of the main namespace hears besides its chat dialect: the words of `fama` and `notifications`.
 *
 * @type {Dialect['hears']}
 */
export const lifecycle = {
  'notification.new': ({ id, createdAt, ...payload }) => ({
    kind: 'notification',
    notification: { id, createdAt, payload },
  }),
  'notification.read': ({ id, readAt }) => ({ kind: 'notification-read', id, readAt }),
  error: ({ message }) => ({ kind: 'problem', message }),
};
