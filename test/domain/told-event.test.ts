import { describe, expect, test } from 'vitest';

import { timeOfOffset } from '../../lambdas/domain/offset.ts';
import { byEvent, eventName, timeOfEvent, toldEvent, untaken } from '../../lambdas/domain/told-event.ts';

const [one, other] = ['0loyw56wg-0001af4ZjQ', '0loyw56wh-0001af4ZjQ'];
const said = (offset: string, name = 'said') => `42["${name}",{"a":"b"},"${offset}"]`;

describe('the event that a packet tells', () => {
  test('is named by its namespace and its last argument', () => {
    expect(toldEvent(said(one))).toBe(one);
    expect(toldEvent(`42/chat,["said","/a,","${one}"]`)).toBe(`/chat ${one}`);
    expect(toldEvent(`451-/my chat,["bytes",{"_placeholder":true,"num":0},"${one}"]`)).toBe(
      `/my chat ${one}`,
    );
    expect([eventName('/', one), eventName('/my chat', one)]).toEqual([one, `/my chat ${one}`]);
  });

  test('happened when its offset says', () => {
    const at = timeOfOffset(one);
    expect([timeOfEvent(one), timeOfEvent(`/my chat ${one}`), timeOfEvent('x')]).toEqual([at, at, undefined]);
  });

  test.each([
    '',
    '"]',
    '2',
    '42["typing","ben"]',
    `42["said","${one}",1]`,
    `42["said","x\\"${one}"]`,
    'baGk=',
  ])('is none: %s', (packet) => expect(toldEvent(packet)).toBeUndefined());
});

test('what carries the same offset and follows each other goes together, with its attachments', () => {
  const binary = [`451-["bytes",{"_placeholder":true,"num":0},"${other}"]`, 'baGk='];
  expect(byEvent([said(one), said(one, 'again'), ...binary, '42["typing"]', said(one)])).toEqual([
    [said(one), said(one, 'again')],
    binary,
    ['42["typing"]'],
    [said(one)],
  ]);
  expect(byEvent(['baGk='])).toEqual([['baGk=']]);
  expect(byEvent([])).toEqual([]);
});

test('each is offered in its turn, and what nobody takes is left', async () => {
  const offered: (readonly string[])[] = [];
  const left = await untaken([said(one), '42["typing"]', said(other)], async (those) => {
    offered.push(those);
    return those.includes('42["typing"]');
  });
  expect(offered).toEqual([[said(one)], ['42["typing"]'], [said(other)]]);
  expect(left).toEqual([said(one), said(other)]);
});
