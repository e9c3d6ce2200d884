import { EventEmitter } from 'node:events';

import { guard, type CallerOf, type Listener } from './guard.ts';

type EventName = string | symbol;
type Add = (this: EventEmitter, event: EventName, listener: Listener) => EventEmitter;

/** Sets a method of one object, invisible to whoever looks at its keys. */
export function override(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: false });
}

/**
 * Guards every listener that is added to this emitter from now on. `off(listener)` and `listeners()` work with what the
 * application gave: EventEmitter looks through a wrapper's `listener`.
 */
export function guardListeners(emitter: EventEmitter, callerOf: CallerOf): void {
  const { on, prependListener } = EventEmitter.prototype as unknown as { on: Add; prependListener: Add };
  const adding = (add: Add) => (event: EventName, listener: Listener) => {
    if (typeof listener !== 'function') return add.call(emitter, event, listener);
    const guarded = Object.assign(guard(listener, { during: String(event), callerOf }), { listener });
    return add.call(emitter, event, guarded);
  };
  const addingOnce = (add: Add) => (event: EventName, listener: Listener) => {
    if (typeof listener !== 'function') return add.call(emitter, event, listener);
    const guarded = guard(listener, { during: String(event), callerOf });
    const once = Object.assign(
      function once(this: unknown, ...args: unknown[]): void {
        emitter.removeListener(event, once);
        Reflect.apply(guarded, this, args);
      },
      { listener },
    );
    return add.call(emitter, event, once);
  };
  override(emitter, 'on', adding(on));
  override(emitter, 'addListener', adding(on));
  override(emitter, 'prependListener', adding(prependListener));
  override(emitter, 'once', addingOnce(on));
  override(emitter, 'prependOnceListener', addingOnce(prependListener));
}

/** Guards listeners that are there already. */
export function guardExisting(emitter: EventEmitter, callerOf: CallerOf): void {
  const { on } = EventEmitter.prototype as unknown as { on: Add };
  for (const event of emitter.eventNames()) {
    const listeners = emitter.rawListeners(event) as Listener[];
    emitter.removeAllListeners(event);
    for (const listener of listeners)
      on.call(
        emitter,
        event,
        Object.assign(guard(listener, { during: String(event), callerOf }), { listener }),
      );
  }
}
