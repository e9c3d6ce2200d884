/** @import { State } from './types.ts' */

/**
 * What the page knows, and who wants to hear of changes.
 *
 * @param {State} initial
 */
export function createStore(initial) {
  let state = initial;
  /** @type {Set<{ keys: readonly (keyof State)[], render: (state: State) => void }>} */
  const watchers = new Set();
  return {
    get state() {
      return state;
    },

    /** @param {Partial<State> | ((state: State) => Partial<State>)} patch */
    change(patch) {
      const before = state;
      state = { ...state, ...(typeof patch === 'function' ? patch(state) : patch) };
      for (const { keys, render } of watchers)
        if (keys.some((key) => before[key] !== state[key])) render(state);
    },

    /** Renders now, and again whenever one of these changes. @param {readonly (keyof State)[]} keys @param {(state: State) => void} render */
    watch(keys, render) {
      watchers.add({ keys, render });
      render(state);
    },
  };
}

/** @typedef {ReturnType<typeof createStore>} Store */

/** @param {import('./types.ts').User} user @returns {State} */
export function emptyState(user) {
  return {
    user,
    rooms: [],
    openRoomId: undefined,
    room: undefined,
    messages: [],
    sent: new Set(),
    olderThan: undefined,
    typing: new Map(),
    receipts: new Map(),
    online: new Map(),
    notifications: [],
    dialect: 'chats',
    isListening: true,
    connection: { phase: 'connecting', transport: undefined, upgraded: false, recovered: false },
    wire: [],
    problem: '',
  };
}
