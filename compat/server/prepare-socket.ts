import type { Socket } from 'socket.io';

import type { StoredHandshake } from '../../lambdas/ports/socketio.ts';
import { isThenable, reportFailure, track } from './failures.ts';
import { guard, type Listener } from './guard.ts';
import type { DirectEmit, Invocation } from './invocation.ts';
import { guardListeners, override } from './listeners.ts';
import { rememberProperties, warnOfLostProperties } from './lost-state.ts';
import { guardEventMiddleware } from './middleware.ts';
import { currentScope, isMuted } from './scope.ts';

/** Makes a socket of this invocation ready before any code of the application sees it. Acts once. */
export function prepareSocket(socket: Socket): void {
  const scope = currentScope();
  if (scope === undefined || prepared.has(socket)) return;
  prepared.add(socket);
  const { invocation, phase } = scope;
  const stored = phase === 'replay' ? invocation.session.sockets[socket.nsp.name] : undefined;
  const auth =
    stored === undefined ? socket.handshake.auth : (JSON.parse(stored.auth) as typeof socket.handshake.auth);
  Object.assign(socket, {
    handshake: { ...socket.handshake, ...instantOf(invocation.session.handshake), auth },
  });
  invocation.connecting.add(socket);
  guardListeners(socket, () => socket);
  guardAny(socket);
  const use = socket.use.bind(socket);
  override(socket, 'use', (middleware: Parameters<typeof guardEventMiddleware>[1]) => {
    use(guardEventMiddleware(socket, middleware) as Parameters<typeof use>[0]);
    return socket;
  });
  overrideEmit(socket, invocation);
  overrideDisconnect(socket);
  rememberProperties(socket);
}

const prepared = new WeakSet<Socket>();

/** First listener of `connect`: from here on the socket is in its namespace. */
export function connectSocket(socket: Socket): void {
  const scope = currentScope();
  if (scope === undefined) return;
  prepareSocket(socket);
  const { invocation, phase } = scope;
  const nsp = socket.nsp.name;
  invocation.connecting.delete(socket);
  warnOfLostProperties(invocation.world, socket, 'a middleware');
  const stored = phase === 'replay' ? invocation.session.sockets[nsp] : undefined;
  if (stored === undefined && invocation.live.get(nsp)?.stored !== undefined) invocation.replaced.add(nsp);
  const auth = stored?.auth ?? JSON.stringify(socket.handshake.auth);
  invocation.live.set(nsp, { socket, auth, stored });
}

/** socket.io takes the time of each invocation; the client connected once. */
function instantOf({ issued }: StoredHandshake): { readonly issued: number; readonly time: string } {
  return { issued, time: String(new Date(issued)) };
}

function guardAny(socket: Socket): void {
  const wrappers = new Map<Listener, Listener>();
  const [onAny, prependAny, offAny] = [
    socket.onAny.bind(socket),
    socket.prependAny.bind(socket),
    socket.offAny.bind(socket),
  ];
  const adding = (add: typeof onAny) => (listener: Listener) => {
    const guarded = guard(listener, { during: 'any event', callerOf: () => socket, any: true });
    wrappers.set(listener, guarded);
    return add(guarded as Parameters<typeof add>[0]);
  };
  override(socket, 'onAny', adding(onAny));
  override(socket, 'prependAny', adding(prependAny));
  override(socket, 'offAny', (listener?: Listener) =>
    offAny(listener && (wrappers.get(listener) as Parameters<typeof offAny>[0])),
  );
}

function overrideEmit(socket: Socket, invocation: Invocation): void {
  const emit = socket.emit.bind(socket);
  override(socket, 'emit', (event: string, ...args: unknown[]): boolean => {
    if (isMuted() || invocation.over) {
      // Takes back flags such as `timeout`, which stand until the next event.
      void socket.broadcast;
      if (typeof args.at(-1) === 'function') invocation.block();
      return true;
    }
    const outer = invocation.direct;
    invocation.direct = { socketId: socket.id, ...watchAnswer(socket, invocation, args) };
    try {
      return emit(event, ...args);
    } finally {
      invocation.direct = outer;
    }
  });
}

/** An event with an acknowledgement is work of the run until the callback is called, be it with a timeout. */
function watchAnswer(socket: Socket, invocation: Invocation, args: unknown[]): Pick<DirectEmit, 'asked'> {
  const callback = args.at(-1);
  if (typeof callback !== 'function') return {};
  let finish = (): void => {};
  args[args.length - 1] = (...answer: unknown[]): void => {
    finish();
    if (invocation.over) return;
    try {
      const result: unknown = Reflect.apply(callback, socket, answer);
      if (isThenable(result)) track(Promise.resolve(result).catch(fail));
    } catch (error) {
      fail(error);
    }
  };
  const fail = (error: unknown): void => reportFailure({ error, during: 'acknowledgement', socket });
  return {
    asked: (ack) => {
      finish = () => invocation.acks.finish(ack);
      void invocation.acks.ask({
        ...ack,
        from: new Set([socket.id]),
        answer: (_socketId, answer) => invocation.answer(ack, answer),
      });
    },
  };
}

function overrideDisconnect(socket: Socket): void {
  const disconnect = socket.disconnect.bind(socket);
  override(socket, 'disconnect', (close?: boolean) => (isMuted() ? socket : disconnect(close)));
}
