/** @import { Message, Notification, Room, RoomSummary, User } from './types.ts' */

/** An answer of the REST API that refuses something. */
export class Refusal extends Error {
  /** @param {{ code: string, message: string, field?: string }} error @param {number} status */
  constructor({ code, message, field }, status) {
    super(message);
    this.code = code;
    this.field = field;
    this.status = status;
  }
}

/**
 * @param {string} path
 * @param {{ method?: string, token?: string, body?: object }} [request]
 * @returns {Promise<unknown>}
 */
async function ask(path, { method = 'GET', token, body } = {}) {
  const response = await fetch(path, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw new Refusal(
    answer.error ?? { code: 'unavailable', message: `The server answered ${response.status}.` },
    response.status,
  );
}

/** @typedef {{ token: string, user: User }} Session */

/** @param {{ email: string, password: string, username: string, displayName?: string }} body */
export async function register(body) {
  return /** @type {Session} */ (await ask('/auth/register', { method: 'POST', body }));
}

/** @param {{ email: string, password: string }} body */
export async function logIn(body) {
  return /** @type {Session} */ (await ask('/auth/login', { method: 'POST', body }));
}

/** The REST API in one person's name. @param {string} token */
export function createApi(token) {
  /** @param {string} path @param {object} [body] */
  const post = (path, body) => ask(path, { method: 'POST', token, ...(body && { body }) });
  /** @param {string} path */
  const get = (path) => ask(path, { token });
  return {
    rooms: async () => /** @type {{ rooms: RoomSummary[] }} */ (await get('/chat/rooms')).rooms,
    /** @param {string} id */
    room: async (id) => /** @type {Room} */ (await get(`/chat/rooms/${encodeURIComponent(id)}`)),
    /** @param {{ name?: string, participantIds: string[] }} body */
    createRoom: async (body) => /** @type {Room} */ (await post('/chat/rooms', body)),
    /** @param {string} id @param {string[]} participantIds */
    invite: async (id, participantIds) =>
      /** @type {Room} */ (
        await post(`/chat/rooms/${encodeURIComponent(id)}/participants`, { participantIds })
      ),
    /** Newest first. @param {string} id @param {string} [before] */
    history: async (id, before) =>
      /** @type {{ messages: Message[], nextCursor?: string }} */ (
        await get(
          `/chat/rooms/${encodeURIComponent(id)}/messages?limit=50${before === undefined ? '' : `&before=${before}`}`,
        )
      ),
    notifications: async () =>
      /** @type {{ notifications: Notification[] }} */ (await get('/notifications?limit=50')).notifications,
  };
}

/** @typedef {ReturnType<typeof createApi>} Api */
