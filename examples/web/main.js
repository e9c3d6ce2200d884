import { createApi } from './api.js';
import { createChat } from './control/create-chat.js';
import { forgetSession, keepSession, keptSession } from './session.js';
import { createStore, emptyState } from './store.js';
import { signIn } from './views/sign-in.js';
import { workspace } from './views/workspace.js';

const app = /** @type {HTMLElement} */ (document.getElementById('app'));
const REFRESH_MS = 20_000;

function showDoor() {
  document.title = 'Causeway';
  app.replaceChildren(
    signIn((session) => {
      keepSession(session);
      showWorkspace(session);
    }),
  );
}

/** @param {import('./api.js').Session} session */
function showWorkspace({ token, user }) {
  const store = createStore(emptyState(user));
  const chat = createChat({ store, api: createApi(token), token });
  const timer = setInterval(() => document.hidden || look(), REFRESH_MS);
  const signOut = () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', look);
    chat.close();
    forgetSession();
    showDoor();
  };
  function look() {
    chat.refresh().catch((error) => {
      if (error.status === 401) signOut();
    });
    chat.read();
  }
  document.addEventListener('visibilitychange', look);
  app.replaceChildren(workspace({ store, chat, signOut }));
}

const kept = keptSession();
if (kept) showWorkspace(kept);
else showDoor();
