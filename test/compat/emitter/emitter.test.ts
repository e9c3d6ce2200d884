import type { LambdaClient } from '@aws-sdk/client-lambda';
import { EmitError, Emitter } from 'causeway/emitter';
import { describe, expect, expectTypeOf, test } from 'vitest';

interface Sent {
  readonly emit: Record<string, unknown>;
}

function stage(answer: { readonly payload?: unknown; readonly FunctionError?: string } = {}) {
  const sent: Sent[] = [];
  const names: string[] = [];
  const send = async ({ input }: { input: { FunctionName: string; Payload: Uint8Array } }) => {
    names.push(input.FunctionName);
    sent.push(JSON.parse(new TextDecoder().decode(input.Payload)) as Sent);
    const { payload = { notifications: ['n1'] }, ...rest } = answer;
    return { ...rest, Payload: { transformToString: () => JSON.stringify(payload) } };
  };
  const client = { send } as unknown as LambdaClient;
  return { emitter: new Emitter({ functionName: 'notify', client }), sent, names };
}

test('says who is meant, what, and which call it is', async () => {
  const { emitter, sent, names } = stage();
  const result = await emitter.to('anna').emit('notification.new', { title: 'x' });
  expect(result).toEqual({ notifications: ['n1'] });
  expect(names).toEqual(['notify']);
  expect(sent).toEqual([
    {
      emit: {
        rooms: ['anna'],
        event: 'notification.new',
        args: [{ title: 'x' }],
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        at: expect.any(Number),
      },
    },
  ]);
});

test('every call has an id of its own', async () => {
  const { emitter, sent } = stage();
  await emitter.emit('x');
  await emitter.emit('x');
  expect(new Set(sent.map(({ emit }) => emit['id'])).size).toBe(2);
});

test('rooms and namespace add up, and an emitter that is kept stays as it was', async () => {
  const { emitter, sent } = stage();
  const room = emitter.to('a');
  await room.of('chat').to(['b', 'a']).in('c').emit('x', 1, null);
  await room.emit('y');
  await emitter.of('/admin').emit('z');
  expect(sent.map(({ emit }) => emit)).toMatchObject([
    { namespace: '/chat', rooms: ['a', 'b', 'c'], event: 'x', args: [1, null] },
    { rooms: ['a'], event: 'y', args: [] },
    { namespace: '/admin', rooms: [] },
  ]);
  expect(sent[1]!.emit).not.toHaveProperty('namespace');
});

describe('rejects', () => {
  test('with what the function found wrong', async () => {
    const error = { code: 'invalid_field', message: 'rooms must be …', field: 'rooms' };
    const caught: unknown = await stage({ payload: { error } })
      .emitter.emit('x')
      .catch((each: unknown) => each);
    expect(caught).toBeInstanceOf(EmitError);
    expect(caught).toMatchObject({ name: 'EmitError', ...error });
  });

  test('when the function failed', async () => {
    const { emitter } = stage({ FunctionError: 'Unhandled', payload: { errorType: 'TypeError' } });
    await expect(emitter.emit('x')).rejects.toMatchObject({
      code: 'internal',
      cause: { errorType: 'TypeError' },
    });
  });
});

test('events of one’s own are checked by the compiler', () => {
  interface Mine {
    'order.paid': (order: { id: string }, total: number) => void;
    [event: string]: (...args: never[]) => void;
  }
  interface Strict {
    readonly tick: (count: number) => void;
  }
  type Args<E extends Record<string, (...args: never[]) => void>, N extends keyof E & string> =
    Parameters<Emitter<E>['emit']> extends [unknown, ...unknown[]] ? Parameters<E[N]> : never;
  expectTypeOf<Args<Mine, 'order.paid'>>().toEqualTypeOf<[order: { id: string }, total: number]>();
  const check = (emitter: Emitter<Pick<Strict, 'tick'>>) => {
    void emitter.to('a').emit('tick', 1);
    // @ts-expect-error -- a number is expected
    void emitter.to('a').emit('tick', 'one');
    // @ts-expect-error -- no such event
    void emitter.to('a').emit('tock', 1);
    // @ts-expect-error -- the count is missing
    void emitter.emit('tick');
  };
  expect(check).toBeTypeOf('function');
  const loose = (emitter: Emitter) => {
    void emitter.to('a').emit('notification.new', { title: 'x' });
    void emitter.emit('anything', 1, 'two');
    // @ts-expect-error -- a notification is an object
    void emitter.to('a').emit('notification.new', 'text');
  };
  expect(loose).toBeTypeOf('function');
});

test('an empty list of rooms is refused, for without rooms everybody is meant', () => {
  const { emitter } = stage();
  expect(() => emitter.to([])).toThrow(expect.objectContaining({ code: 'invalid_field', field: 'rooms' }));
});
