import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Stores } from '../../lambdas/adapters/dynamodb/dynamo-stores.ts';
import { NOW, race } from './data.ts';

const UNTIL = NOW + 30_000;
const run = (name: string, over: object = {}) => ({ name, at: NOW, until: UNTIL, ...over });

export function mailStoreContract(stores: () => Stores): void {
  const mail = () => stores().mail;

  describe('MailStore', () => {
    test('a fresh bag is taken, and nobody else gets it while it is', async () => {
      const bag = randomUUID();
      expect(await mail().take(bag, run('a'))).toEqual({ outcome: 'taken', from: 0, to: 0 });
      expect(await mail().take(bag, run('b'))).toEqual({ outcome: 'busy' });
      expect(await mail().take(bag, run('b', { at: UNTIL }))).toEqual({ outcome: 'busy' });
    });

    test('of 20 racing runs one gets it', async () => {
      const bag = randomUUID();
      let n = 0;
      const taken = await race(20, () => mail().take(bag, run(`run-${(n += 1)}`)));
      expect(taken.filter(({ outcome }) => outcome === 'taken')).toHaveLength(1);
      expect(taken.filter(({ outcome }) => outcome === 'busy')).toHaveLength(19);
    });

    test('a repeated request is not refused by itself', async () => {
      const bag = randomUUID();
      await mail().take(bag, run('a'));
      expect(await mail().take(bag, run('a'))).toEqual({ outcome: 'taken', from: 0, to: 0 });
    });

    test('whoever takes it over after its time learns how far it was carried', async () => {
      const bag = randomUUID();
      await mail().take(bag, run('a'));
      expect(await mail().note(bag, 'a', { from: 0, to: 100 })).toBe('noted');
      expect(await mail().note(bag, 'a', { from: 40, to: 200 })).toBe('noted');
      const later = run('b', { at: UNTIL + 1, until: UNTIL + 30_000 });
      expect(await mail().take(bag, later)).toEqual({ outcome: 'taken', from: 40, to: 200 });
      expect(await mail().note(bag, 'a', { from: 200, to: 300 })).toBe('lost');
      expect(await mail().note(bag, 'b', { from: 200, to: 300 })).toBe('noted');
    });

    test('what is finished is carried no more, and only who carries it can say so', async () => {
      const bag = randomUUID();
      await mail().take(bag, run('a'));
      await mail().finish(bag, 'b', NOW);
      expect(await mail().take(bag, run('b'))).toEqual({ outcome: 'busy' });
      await mail().finish(bag, 'a', NOW);
      for (const at of [NOW, UNTIL + 1])
        expect(await mail().take(bag, run('b', { at }))).toEqual({ outcome: 'done' });
    });

    test('of a bag that nobody took nothing is noted', async () => {
      const bag = randomUUID();
      expect(await mail().note(bag, 'a', { from: 0, to: 1 })).toBe('lost');
      await mail().finish(bag, 'a', NOW);
      expect(await mail().take(bag, run('a'))).toEqual({ outcome: 'taken', from: 0, to: 0 });
    });
  });
}
