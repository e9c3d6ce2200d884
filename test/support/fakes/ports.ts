/** Wrappers around ports: every method of the wrapped object is called through `around`. */
export interface PortCall {
  /** `members.list` */
  readonly name: string;
  readonly args: readonly unknown[];
  /** Does what the call asks for. */
  run(): Promise<unknown>;
}

export function wrapPort<T extends object>(
  port: string,
  target: T,
  around: (call: PortCall) => Promise<unknown>,
): T {
  return new Proxy(target, {
    get(object, method, receiver) {
      const value: unknown = Reflect.get(object, method, receiver);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) =>
        around({
          name: `${port}.${String(method)}`,
          args,
          run: async () => (await Reflect.apply(value, object, args)) as unknown,
        });
    },
  });
}

/** Ports that answer over the network, and so cost time; the others are plain computation. */
const REMOTE = [
  'users',
  'rooms',
  'messages',
  'members',
  'sessions',
  'notifications',
  'throttle',
  'gateway',
  'audience',
  'presence',
  'later',
  'hasher',
] as const;

/** Wraps those of the ports that are remote. `fixtures` stay reachable by spreading them over the result. */
export function wrapRemotePorts<T extends object>(deps: T, around: (call: PortCall) => Promise<unknown>): T {
  const wrapped = Object.entries(deps).map(([port, target]) => [
    port,
    (REMOTE as readonly string[]).includes(port) ? wrapPort(port, target as object, around) : target,
  ]);
  return Object.fromEntries(wrapped) as T;
}
