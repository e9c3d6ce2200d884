import { describe, expect, test } from 'vitest';
import { connected, TRANSPORTS } from '../support/channel.ts';
import type { Target } from '../target.ts';

const ONE = '{"_placeholder":true,"num":0}';
const TWO = '{"_placeholder":true,"num":1}';

/** Published suite "message". */
export function message(target: Target): void {
  describe.each(TRANSPORTS)('messages over %s', (transport) => {
    const channel = () => connected(target.url(), transport);
    text(channel);
    single(channel);
    several(channel, transport === 'websocket' && target.deviates('attachment-order') ? 'any' : 'as sent');
    invalid(channel);

    test('an attachment nobody announced ends the session', async () => {
      const session = await channel();
      await session.send('bAQID');
      if (transport === 'polling' || !target.deviates('early-attachment')) {
        await session.ended();
        return;
      }
      await session.send(`451-["message",${ONE}]`);
      expect(await session.take(2)).toEqual([`451-["message-back",${ONE}]`, 'bAQID']);
    });
  });
}

type Connect = () => ReturnType<typeof connected>;

function text(connect: Connect): void {
  test('plain text', async () => {
    const channel = await connect();
    await channel.send('42["message",1,"2",{"3":[true]}]');
    expect(await channel.next()).toBe('42["message-back",1,"2",{"3":[true]}]');
  });

  test('without arguments, with null, with a nested __proto__ key', async () => {
    const channel = await connect();
    await channel.send('42["message"]');
    expect(await channel.next()).toBe('42["message-back"]');
    await channel.send('42["message",null,{"__proto__":{"x":1}},[]]');
    expect(await channel.next()).toBe('42["message-back",null,{"__proto__":{"x":1}},[]]');
  });

  test('an event nobody listens to is ignored', async () => {
    const channel = await connect();
    await channel.send(
      '42["nobody listens",1]',
      '42[7,"a number is a name, too"]',
      '420["no ack either"]',
      '42',
    );
    await channel.send('42["message","after"]');
    expect(await channel.next()).toBe('42["message-back","after"]');
  });

  test('with an ack', async () => {
    const channel = await connect();
    await channel.send('42456["message-with-ack",1,"2",{"3":[false]}]');
    expect(await channel.next()).toBe('43456[1,"2",{"3":[false]}]');
  });

  test('many acks keep their ids', async () => {
    const channel = await connect();
    const ids = [0, 1, 2147483647, 7, 100];
    await channel.send(...ids.map((id) => `42${id}["message-with-ack",${id}]`));
    const answers = await channel.take(ids.length);
    expect(answers.toSorted()).toEqual(ids.map((id) => `43${id}[${id}]`).toSorted());
  });

  test('an ack nobody waits for is ignored', async () => {
    const channel = await connect();
    await channel.send('4399["what?"]', '42["message",1]');
    expect(await channel.next()).toBe('42["message-back",1]');
  });
}

function single(connect: Connect): void {
  test('with an attachment', async () => {
    const channel = await connect();
    await channel.send(`451-["message",{"a":[${ONE}]},"b"]`, 'bAQID');
    expect(await channel.take(2)).toEqual([`451-["message-back",{"a":[${ONE}]},"b"]`, 'bAQID']);
  });

  test('with an attachment and an ack', async () => {
    const channel = await connect();
    await channel.send(`451-789["message-with-ack",${ONE}]`, 'b/+8=');
    expect(await channel.take(2)).toEqual([`461-789[${ONE}]`, 'b/+8=']);
  });
}

/** @param order in which the attachments of a packet sent at once come back */
function several(connect: Connect, order: 'as sent' | 'any'): void {
  const arranged = ([header, ...attachments]: readonly string[]) => [
    header,
    ...(order === 'any' ? attachments.toSorted() : attachments),
  ];

  test.each([
    [
      'attachments',
      `452-["message",${ONE},${TWO}]`,
      `452-["message-back",${ONE},${TWO}]`,
      ['bAQID', 'bBAUG'],
    ],
    [
      'attachments and an ack',
      `452-789["message-with-ack",${ONE},${TWO}]`,
      `462-789[${ONE},${TWO}]`,
      ['bBAUG', 'bAQID'],
    ],
    [
      'an empty attachment and one nested deep',
      `452-["message",{"a":[{"b":${ONE}}]},${TWO}]`,
      `452-["message-back",{"a":[{"b":${ONE}}]},${TWO}]`,
      ['b', 'b/+8='],
    ],
  ])('with %s', async (...[, header, answer, attachments]) => {
    const channel = await connect();
    await channel.send(header, ...attachments);
    expect(arranged(await channel.take(3))).toEqual(arranged([answer, ...attachments]));
  });

  test('with attachments that come one request or frame at a time', async () => {
    const channel = await connect();
    for (const piece of [`452-["message",${ONE},${TWO}]`, 'bAQID', 'bBAUG']) {
      await channel.send(piece);
      await channel.settled();
    }
    expect(await channel.take(3)).toEqual([`452-["message-back",${ONE},${TWO}]`, 'bAQID', 'bBAUG']);
  });
}

function invalid(connect: Connect): void {
  test.each([
    ['unknown packet type', '4abc'],
    ['no packet type', '4'],
    ['packet type 7', '47["message"]'],
    ['payload that is no list', '42{}'],
    ['payload that is text', '42"message"'],
    ['empty list', '42[]'],
    ['broken JSON', '42["message"'],
    ['ack id that is no number', '42abc["message-with-ack",1,"2",{"3":[false]}]'],
    ['event without a name', '42[{}]'],
    ['reserved event name', '42["disconnect"]'],
    ['reserved event name', '42["connect_error"]'],
    ['ack whose payload is no list', '430{}'],
    ['DISCONNECT with a payload', '41{}'],
    ['no number of attachments', '45-["message"]'],
    ['negative number of attachments', '45-1-["message"]'],
    ['zero attachments', '450-["message"]'],
    ['eleven attachments', '4511-["message"]'],
    ['placeholder out of range', `451-["message",{"_placeholder":true,"num":5}]\u001EbAQID`],
  ])('%s ends the session', async (_what, packets) => {
    const channel = await connect();
    await channel.send(...packets.split('\u001E'));
    await channel.ended();
  });
}
