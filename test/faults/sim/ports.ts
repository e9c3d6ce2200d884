import { CausewayError } from '../../../lambdas/domain/errors.ts';
import { InDoubt } from '../../../lambdas/domain/in-doubt.ts';
import type { Instance } from './lambda.ts';
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { Weather } from './weather.ts';

export interface Trouble {
  readonly instance: Instance;
  readonly time: Pick<VirtualTime, 'sleep'>;
  readonly random: Random;
  readonly weather: Weather;
}

const unavailable = (call: string) =>
  new CausewayError('unavailable', 'Try again later.', { cause: new Error(call) });

/** A store as an instance sees it: over a network, throttled, sometimes without an answer although it did what was asked. */
export function remote<T extends object>(target: T, trouble: Trouble, port = ''): T {
  const { instance, time, random, weather } = trouble;
  const disturb = async (call: string) => {
    await time.sleep(random.chance(weather.slowStore) ? random.between(5, 60) : random.between(1, 3));
    if (random.chance(weather.failedStore)) throw unavailable(call);
  };
  return new Proxy(target, {
    get(object, name, receiver) {
      const value: unknown = Reflect.get(object, name, receiver);
      if (typeof value !== 'function') return value;
      const call = (...args: readonly unknown[]): unknown => Reflect.apply(value, object, args);
      if (value.constructor.name === 'AsyncGeneratorFunction')
        return (...args: readonly unknown[]) => pages(call(...args) as AsyncIterable<unknown>);
      const called = `${port}.${String(name)}`;
      return (...args: readonly unknown[]) =>
        instance.around(
          async () => {
            const result = await (call(...args) as Promise<unknown>);
            if (random.chance(weather.lostStore)) throw new InDoubt(new Error(called));
            return result;
          },
          () => disturb(called),
        );
    },
  });

  async function* pages(source: AsyncIterable<unknown>): AsyncIterable<unknown> {
    const iterator = source[Symbol.asyncIterator]();
    for (;;) {
      const next = await instance.around(
        () => iterator.next(),
        () => disturb('a page'),
      );
      if (next.done === true) return;
      yield next.value;
    }
  }
}

/** The same for each port of a record. */
export function remotes<T extends object>(ports: T, trouble: Trouble): T {
  const wrapped = Object.entries(ports).map(([name, port]) => [name, remote(port as object, trouble, name)]);
  return Object.fromEntries(wrapped) as T;
}
