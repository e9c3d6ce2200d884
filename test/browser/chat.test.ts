import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startCauseway, type Causeway } from '../support/causeway.ts';
import { putEvents } from '../support/put-events.ts';
import { CHROMIUM, openBrowser } from './support/chromium.ts';
import { visit, type Visitor } from './support/visitor.ts';

describe.skipIf(CHROMIUM === undefined)('two people in two browsers', () => {
  let causeway: Causeway;
  let browser: Browser;
  let anna: Visitor;
  let bob: Visitor;

  beforeAll(async () => {
    [causeway, browser] = await Promise.all([startCauseway(), openBrowser()]);
    const { origin } = causeway.urls;
    anna = await visit(browser, { origin, name: 'Anna' });
    bob = await visit(browser, { origin, name: 'Bob' });
    await anna.createRoom('Lunch', [bob]);
    await bob.openRoom('Lunch');
  });
  afterAll(async () => {
    await browser?.close();
    await causeway?.close();
  });

  test('hear each other, and keep what was said', async () => {
    await anna.say('Soup or salad?');
    await bob.sees('Soup or salad?');
    await bob.say('Soup!');
    await anna.sees('Soup!');
    await bob.page.reload();
    await bob.openRoom('Lunch');
    await bob.sees('Soup or salad?');
  });

  test('see text as text, whatever it looks like', async () => {
    const text = `<img src=x onerror="document.title='broken'"><b>bold</b>`;
    await anna.say(text);
    await bob.sees(text);
    expect(await bob.page.title()).toBe('Causeway · Bob');
  });

  test('see each other type, and stop', async () => {
    await anna.page.getByLabel('Message', { exact: true }).pressSequentially('Let me th');
    await bob.page.getByText('Anna is typing …').waitFor();
    await anna.page.getByLabel('Message', { exact: true }).fill('');
    await anna.say('Thought.');
    await bob.sees('Thought.');
    await bob.page.getByText('Anna is typing …').waitFor({ state: 'hidden' });
  });

  test('see what the other has read, and who is there', async () => {
    await anna.say('Read this, please.');
    await anna.page.getByText('Read by Bob').waitFor();
    await anna.page
      .getByRole('listitem')
      .filter({ hasText: /^Bob, online$/ })
      .waitFor();
  });

  test('count what is unread in rooms that are not open', async () => {
    await bob.createRoom('Elsewhere');
    await anna.say('Are you there?');
    const lunch = bob.page.getByRole('navigation', { name: 'Rooms' }).getByRole('button', { name: 'Lunch' });
    await lunch.getByText('1 unread').waitFor();
    await lunch.click();
    await lunch.getByText('1 unread').waitFor({ state: 'hidden' });
  });

  test('get notifications with a badge, and mark them as read', async () => {
    const Detail = JSON.stringify({ userId: anna.id, payload: { title: 'Your soup has shipped' } });
    await putEvents(causeway, [{ Source: 'causeway', DetailType: 'notification.new', Detail }]);
    const button = anna.page.getByRole('button', { name: 'Notifications 1 unread' });
    await button.click();
    await anna.page.getByRole('button', { name: 'Mark as read: Your soup has shipped' }).click();
    await anna.page.getByRole('button', { name: 'Notifications', exact: true }).waitFor();
    await anna.page.keyboard.press('Escape');
    expect(await anna.page.locator('#notifications').isVisible()).toBe(false);
  });

  test('started with polling and moved to a WebSocket', async () => {
    for (const { page } of [anna, bob]) {
      const reached = page.getByRole('list', { name: 'Transport' }).locator('[data-reached=true]');
      await reached.getByText('websocket').waitFor();
      expect(await reached.allInnerTexts()).toEqual(['polling', 'websocket']);
    }
  });

  test('come back to what they missed when the line is cut', async () => {
    await bob.page.getByRole('button', { name: 'Cut the line' }).click();
    await anna.say('Said while Bob was away');
    await bob.page.getByText('recovered', { exact: true }).waitFor();
    await bob.sees('Said while Bob was away');
  });

  describe('in each dialect', () => {
    const said = {
      rooms: { event: 'message', payload: (content: string) => ({ content, sender: { _id: bob.id } }) },
      messenger: {
        event: 'message',
        payload: (message: string) => ({ message, timestamp: expect.any(String) }),
      },
      native: {
        event: 'message.created',
        payload: (content: string) => ({ message: { content, sender: { id: bob.id } } }),
      },
      chats: { event: 'message:new', payload: (content: string) => ({ content, sender_id: bob.id }) },
    };

    test.each(Object.entries(said))(
      '%s: the same room, in its own words',
      async (dialect, { event, payload }) => {
        await anna.speak(dialect);
        await anna.sees('Soup!');
        await bob.say(`To ${dialect}`);
        await anna.sees(`To ${dialect}`);
        expect(await anna.rawEvent('in', event)).toMatchObject(payload(`To ${dialect}`));
        await anna.say(`From ${dialect}`);
        await bob.sees(`From ${dialect}`);
        // It came once, and as one's own.
        expect(await anna.page.locator('.message.own', { hasText: `From ${dialect}` }).count()).toBe(1);
      },
    );
  });

  test('gave the browser nothing to complain of', () => {
    // A cut line fails the request that was under way.
    const complaints = [...anna.complaints, ...bob.complaints].filter(
      (text) => !/ERR_|net::|WebSocket/.test(text),
    );
    expect(complaints).toEqual([]);
  });
});
