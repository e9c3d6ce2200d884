/** socket.io's answer function for an event of the client, as handlers get it: one that remembers being called. */
export type ClientAck = ((...args: unknown[]) => void) & {
  readonly called: () => boolean;
  /** Ends with the first call. */
  readonly done: Promise<void>;
};

const known = new WeakMap<object, ClientAck>();

/** One and the same for every handler of the event. */
export function watchAck(ack: (...args: unknown[]) => void): ClientAck {
  const watched = known.get(ack) ?? watch(ack);
  known.set(ack, watched);
  known.set(watched, watched);
  return watched;
}

function watch(ack: (...args: unknown[]) => void): ClientAck {
  let called = false;
  let resolve = (): void => {};
  const done = new Promise<void>((settle) => {
    resolve = settle;
  });
  const answer = (...args: unknown[]): void => {
    ack(...args);
    called = true;
    resolve();
  };
  return Object.assign(answer, { called: () => called, done });
}
