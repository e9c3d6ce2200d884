/** What clients of each document do, and wait for. */
import type { Act, Theatre } from './theatre.ts';

const LONG = 'x'.repeat(10_001);

const REFUSED: readonly [string, (theatre: Theatre) => object][] = [
  ['without a token', () => ({})],
  ['with a token that is none', () => ({ auth: { token: 'nonsense' } })],
];

/** Where a refusal is a `connect_error`. */
const refusals = (nsp: string, presence?: string): readonly Act[] => [
  ...REFUSED.map(([how, options]) => ({
    name: `${nsp}: a client ${how} is refused`,
    nsp,
    async play(theatre: Theatre) {
      await theatre.enter('anna', options(theatre)).sees('connect_error');
    },
  })),
  {
    name: `${nsp}: a token may say Bearer, and may come in a header`,
    nsp,
    async play(theatre) {
      const bearer = `Bearer ${theatre.people.anna.token}`;
      const anna = theatre.enter('anna', { auth: { token: bearer } });
      await anna.sees('connect');
      await theatre.settle();
      const header = `Bearer ${theatre.people.bob.token}`;
      await theatre.enter('bob', { extraHeaders: { Authorization: header } }).sees('connect');
      if (presence !== undefined) await anna.sees('event', presence);
    },
  },
];

const FAMA: readonly Act[] = [
  ...refusals('/fama'),
  {
    name: '/fama: whoever is let in is greeted',
    nsp: '/fama',
    async play({ enter }) {
      const anna = enter('anna');
      await anna.sees('event', 'connected');
    },
  },
];

const MESSENGER: readonly Act[] = [
  ...refusals('/messenger', 'userStatus'),
  {
    name: '/messenger: messages of a room, and of everybody',
    nsp: '/messenger',
    async play({ join, room, leave }) {
      const [anna, bob, carl] = [await join('anna'), await join('bob'), await join('carl')];
      await anna.sees('event', 'userStatus');
      await anna.sees('event', 'userStatus');
      await bob.sees('event', 'userStatus');
      const context = { roomId: room, replyTo: 'message-id', mood: { glad: true, of: [1, null] } };
      anna.emit('message', { message: 'Votre message', context });
      for (const actor of [anna, bob]) await actor.sees('event', 'message');
      bob.emit('message', { message: 'à tous' });
      for (const actor of [anna, bob, carl]) await actor.sees('event', 'message');
      await leave(carl);
      for (const actor of [anna, bob]) await actor.sees('event', 'userStatus');
    },
  },
  {
    name: '/messenger: typing where one wrote last',
    nsp: '/messenger',
    async play({ join, room, settle }) {
      const [anna, bob, carl] = [await join('anna'), await join('bob'), await join('carl')];
      for (let times = 0; times < 2; times += 1) await anna.sees('event', 'userStatus');
      await bob.sees('event', 'userStatus');
      anna.emit('typing', true);
      for (const actor of [bob, carl]) await actor.sees('event', 'userTyping');
      anna.emit('message', { message: 'x', context: { roomId: room } });
      for (const actor of [anna, bob]) await actor.sees('event', 'message');
      // Where one is, is stored with the end of the invocation that the message came in.
      await settle();
      anna.emit('typing', true);
      await bob.sees('event', 'userTyping');
      anna.emit('typing', false);
      await bob.sees('event', 'userTyping');
    },
  },
  {
    name: '/messenger: what is wrong is an error',
    nsp: '/messenger',
    async play({ join, room }) {
      const carl = await join('carl');
      const wrong = [
        { message: '' },
        { message: LONG },
        { message: 7 },
        {},
        { message: 'x', context: { roomId: room } },
      ];
      for (const payload of wrong) {
        carl.emit('message', payload);
        await carl.sees('event', 'error');
      }
      carl.emit('typing', 'yes');
      await carl.sees('event', 'error');
    },
  },
];

const ROOMS: readonly Act[] = [
  ...refusals('/chat'),
  {
    name: '/chat: who has joined hears, who takes part may send',
    nsp: '/chat',
    async play({ join, room: roomId, settle }) {
      const [anna, bob] = [await join('anna'), await join('bob')];
      for (const actor of [anna, bob]) {
        actor.emit('join_room', { roomId });
        await settle();
      }
      for (const actor of [anna, bob]) {
        actor.emit('send_message', { roomId, content: 'Hello!' });
        for (const each of [anna, bob]) await each.sees('event', 'message');
      }
      bob.emit('typing', { roomId });
      await anna.sees('event', 'user_typing');
      anna.emit('typing', { roomId });
      await bob.sees('event', 'user_typing');
    },
  },
  {
    name: '/chat: who sends without having joined',
    nsp: '/chat',
    async play({ join, room: roomId, settle }) {
      const [anna, bob] = [await join('anna'), await join('bob')];
      anna.emit('join_room', { roomId });
      await settle();
      bob.emit('send_message', { roomId, content: 'Hello!' });
      await anna.sees('event', 'message');
      await settle();
    },
  },
  {
    name: '/chat: what is wrong is an error',
    nsp: '/chat',
    async play({ join, room: roomId }) {
      const [anna, carl] = [await join('anna'), await join('carl')];
      for (const event of ['join_room', 'send_message', 'typing']) {
        for (const payload of [{ roomId, content: 'x' }, { roomId: 'nowhere', content: 'x' }, {}]) {
          carl.emit(event, payload);
          await carl.sees('event', 'error');
        }
      }
      for (const content of ['', LONG, 7, undefined]) {
        anna.emit('send_message', { roomId, content });
        await anna.sees('event', 'error');
      }
    },
  },
];

const CHATS: readonly Act[] = [
  ...refusals('/chats', 'user:status'),
  {
    name: '/chats: chats are joined without being told, left and joined again',
    nsp: '/chats',
    async play({ join, room: chatId }) {
      const [anna, bob] = [await join('anna'), await join('bob')];
      await anna.sees('event', 'user:status');
      anna.emit('message:send', { chatId, content: 'Hello!' });
      for (const actor of [anna, bob]) await actor.sees('event', 'message:new');
      bob.emit('chat:leave', { chatId });
      await bob.sees('event', 'chat:left');
      anna.emit('message:send', { chatId, content: 'a picture', messageType: 'image' });
      await anna.sees('event', 'message:new');
      bob.emit('chat:join', { chatId });
      await bob.sees('event', 'chat:joined');
      bob.emit('message:send', { chatId, content: 'a file', messageType: 'file' });
      for (const actor of [anna, bob]) await actor.sees('event', 'message:new');
    },
  },
  {
    name: '/chats: receipts and typing',
    nsp: '/chats',
    async play({ join, room: chatId }) {
      const [anna, bob] = [await join('anna'), await join('bob')];
      await anna.sees('event', 'user:status');
      anna.emit('message:send', { chatId, content: 'Hello!' });
      const [, , [message]] = (await bob.sees('event', 'message:new')) as [0, 0, [{ id: string }]];
      bob.emit('message:read', { chatId, messageId: message.id });
      for (const actor of [anna, bob]) await actor.sees('event', 'message:read');
      bob.emit('typing:start', { chatId });
      await anna.sees('event', 'typing:start');
      bob.emit('typing:stop', { chatId });
      await anna.sees('event', 'typing:stop');
    },
  },
  {
    name: '/chats: people come and go',
    nsp: '/chats',
    async play({ join, leave }) {
      const [anna, bob] = [await join('anna'), await join('bob')];
      await join('carl'); // shares no chat
      await anna.sees('event', 'user:status');
      await leave(bob);
      await anna.sees('event', 'user:status');
    },
  },
  {
    name: '/chats: what is wrong is an error',
    nsp: '/chats',
    async play({ join, room: chatId }) {
      const [anna, carl] = [await join('anna'), await join('carl')];
      const messageId = '0'.repeat(26);
      for (const event of ['chat:join', 'message:send', 'message:read', 'typing:start', 'typing:stop']) {
        for (const payload of [{ chatId, content: 'x', messageId }, {}]) {
          carl.emit(event, payload);
          await carl.sees('event', 'error');
        }
      }
      for (const content of ['', LONG, 7]) {
        anna.emit('message:send', { chatId, content });
        await anna.sees('event', 'error');
      }
    },
  },
  {
    name: '/chats: who types and goes',
    nsp: '/chats',
    async play({ join, room: chatId, leave, settle }) {
      const [anna, bob] = [await join('anna'), await join('bob')];
      await anna.sees('event', 'user:status');
      bob.emit('typing:start', { chatId });
      await anna.sees('event', 'typing:start');
      // That somebody types is noted at the end of the invocation that told it.
      await settle();
      await leave(bob);
      await anna.sees('event', 'user:status');
    },
  },
  {
    name: '/chats: who sends without having joined',
    nsp: '/chats',
    async play({ join, room: chatId, settle }) {
      const [anna, bob] = [await join('anna'), await join('bob')];
      await anna.sees('event', 'user:status');
      bob.emit('chat:leave', { chatId });
      await bob.sees('event', 'chat:left');
      bob.emit('message:send', { chatId, content: 'Hello!' });
      await anna.sees('event', 'message:new');
      await settle();
    },
  },
  {
    name: '/chats: leaving a chat of others',
    nsp: '/chats',
    async play({ join, room: chatId, settle }) {
      const carl = await join('carl');
      carl.emit('chat:leave', { chatId });
      await settle();
    },
  },
];

const NOTIFICATIONS: readonly Act[] = [
  ...REFUSED.map(([how, options]): Act => {
    return {
      name: `/notifications: a client ${how} is refused`,
      nsp: '/notifications',
      async play(theatre) {
        const anna = theatre.enter('anna', options(theatre));
        await Promise.race([anna.sees('connect_error'), anna.sees('disconnect')]);
      },
    };
  }),
  {
    name: '/notifications: a push reaches its user',
    nsp: '/notifications',
    async play({ join, push, settle }) {
      const [anna] = [await join('anna'), await join('bob')];
      await push('anna', { title: 'Nouvelle mission', nested: { of: [1, null, 'é'] } });
      await anna.sees('event', 'notification.new');
      await settle();
    },
  },
];

const STRANGE: readonly Act[] = ['/messenger', '/chat', '/chats'].map((nsp) => ({
  name: `${nsp}: an event that nobody knows`,
  nsp,
  async play({ join, settle }) {
    const anna = await join('anna');
    anna.emit('dance', {});
    await settle();
  },
}));

export const ACTS: readonly Act[] = [...FAMA, ...MESSENGER, ...ROOMS, ...CHATS, ...NOTIFICATIONS, ...STRANGE];
