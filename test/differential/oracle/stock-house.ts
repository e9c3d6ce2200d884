import { startStock } from '../../support/stock-socketio.ts';
import { Backing, type Account, type Oracle } from './backing.ts';
import { chats } from './chats.ts';
import { fama } from './fama.ts';
import { messenger } from './messenger.ts';
import { notifications } from './notifications.ts';
import { rooms } from './rooms.ts';
import { engageAll, type OpenHouse } from './theatre.ts';

const ORACLES: Readonly<Record<string, Oracle>> = {
  '/fama': fama,
  '/messenger': messenger,
  '/chat': rooms,
  '/chats': chats,
  '/notifications': notifications,
};

/** The documents' servers, on stock socket.io. */
export async function openStock(): Promise<OpenHouse> {
  const backing = new Backing();
  const stock = await startStock((io) => {
    for (const [name, oracle] of Object.entries(ORACLES)) {
      const nsp = io.of(name);
      oracle(nsp, backing);
      // The tests' own, to know that everything has come.
      nsp.on('connection', (socket) => {
        socket.on('fence', (answer: () => void) => answer());
      });
    }
  });
  let acts = 0;
  return {
    url: stock.url,
    async engage() {
      acts += 1;
      const people = await engageAll(async (player) => accountOf(`${player}-${acts}`));
      for (const account of Object.values(people)) backing.add(account);
      const room = `room-${acts}`;
      backing.open(room, [people.anna, people.bob]);
      return { people, room };
    },
    push: async (nsp, userId, payload) => void stock.io.of(nsp).to(userId).emit('notification.new', payload),
    settle: async () => {},
    pass: async () => {},
    close: () => stock.close(),
  };
}

function accountOf(username: string): Account {
  const email = `${username}@example.com`;
  return {
    token: `token of ${username}`,
    id: `id-of-${username}`,
    username,
    email,
    displayName: username.toUpperCase(),
  };
}
