import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startCauseway, type Causeway } from '../support/causeway.ts';
import { controls } from './support/accessible-names.ts';
import { CHROMIUM, openBrowser } from './support/chromium.ts';
import { contrasts } from './support/contrast.ts';
import { openPage, visit, type Visitor } from './support/visitor.ts';

describe.skipIf(CHROMIUM === undefined)('the page', () => {
  let causeway: Causeway;
  let browser: Browser;
  let anna: Visitor;

  beforeAll(async () => {
    [causeway, browser] = await Promise.all([startCauseway(), openBrowser()]);
    anna = await visit(browser, { origin: causeway.urls.origin, name: 'Anna' });
    const bob = await visit(browser, { origin: causeway.urls.origin, name: 'Bob' });
    await anna.createRoom('A room with rather a long name, as people give them', [bob]);
    await bob.openRoom('A room');
    await bob.say('Hello');
    await anna.sees('Hello');
    await anna.say(`A word without an end: ${'long'.repeat(60)}`);
    await anna.page.getByText('Read by Bob').waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await causeway?.close();
  });

  const door = async () => (await openPage(browser, causeway.urls.origin)).page;

  test('can be used without a mouse: signing up, a room, a message', async () => {
    const page = await door();
    await tabTo(page, 'User name');
    await page.keyboard.type('Kim');
    await page.keyboard.press('Tab');
    await page.keyboard.type('kim@example.com');
    await page.keyboard.press('Tab');
    await page.keyboard.type('kims-password');
    await page.keyboard.press('Enter');
    await page.getByText('Connected', { exact: true }).waitFor();
    await tabTo(page, 'New room');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Typed');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Typed', level: 1 }).waitFor();
    // The focus is where one goes on.
    await page.locator('#message:focus').waitFor();
    await page.keyboard.type('By hand');
    await page.keyboard.press('Enter');
    await page.getByRole('log').getByText('By hand').waitFor();
    await tabTo(page, 'chats');
    await page.keyboard.press('ArrowRight');
    await page.locator('input[value=rooms]:checked').waitFor();
    await page.context().close();
  });

  test('shows where the focus is', async () => {
    const page = await door();
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to the conversation');
    await tabTo(page, 'Sign up');
    expect(await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle)).toBe('solid');
    await page.context().close();
  });

  test('gives everything that can be focused a name', async () => {
    const page = await door();
    for (const each of [page, anna.page]) {
      const found = await controls(each);
      expect(found.length).toBeGreaterThan(4);
      expect(
        found.filter(({ name, role }) => name === '' && role !== 'RootWebArea' && role !== 'main'),
      ).toEqual([]);
    }
    await page.context().close();
  });

  test('has one first heading, landmarks, a language and a title', async () => {
    const { page } = anna;
    expect(await page.locator('h1:visible').count()).toBe(1);
    for (const role of ['banner', 'navigation', 'main', 'complementary'] as const)
      expect(await page.getByRole(role).count(), role).toBe(1);
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(await page.title()).toBe('Causeway · Anna');
  });

  test('tells of new messages, typing and connection in live regions', async () => {
    for (const [role, name] of [['log', 'Messages']] as const)
      expect(await anna.page.getByRole(role, { name }).getAttribute('aria-live')).toBe('polite');
    expect(await anna.page.getByRole('status').count()).toBeGreaterThanOrEqual(3);
  });

  test.each(['light', 'dark'] as const)('has text of enough contrast in %s', async (colorScheme) => {
    const page = await door();
    for (const each of [page, anna.page]) {
      await each.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const found = await contrasts(each);
      expect(found.length).toBeGreaterThan(10);
      expect(found.filter(({ ratio, wanted }) => ratio < wanted)).toEqual([]);
    }
    await page.context().close();
  });

  test('is light or dark as the person asks', async () => {
    const background = async (colorScheme: 'light' | 'dark') => {
      await anna.page.emulateMedia({ colorScheme });
      return anna.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    };
    expect(await background('light')).not.toBe(await background('dark'));
  });

  test('keeps still for people who ask for it', async () => {
    await anna.page.emulateMedia({ reducedMotion: 'reduce' });
    const moving = () =>
      anna.page.evaluate(
        () =>
          [...document.querySelectorAll('*')].filter(
            (node) =>
              getComputedStyle(node).animationName !== 'none' ||
              (getComputedStyle(node).transitionProperty !== 'none' &&
                getComputedStyle(node).transitionDuration !== '0s'),
          ).length,
      );
    expect(await moving()).toBe(0);
    await anna.page.emulateMedia({ reducedMotion: 'no-preference' });
    expect(await moving()).toBeGreaterThan(0);
  });

  test.each([360, 768, 1280])('fits into %i pixels without scrolling sideways', async (width) => {
    const page = await door();
    for (const each of [page, anna.page]) {
      await each.setViewportSize({ width, height: 740 });
      const wide = await each.evaluate(() => document.documentElement.scrollWidth);
      expect(wide).toBeLessThanOrEqual(width);
    }
    await page.context().close();
  });
});

/** Label, name or text of what has the focus. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const node = document.activeElement as HTMLInputElement;
    return (node.labels?.[0]?.textContent ?? node.getAttribute('aria-label') ?? node.textContent).trim();
  });
}

/** Presses Tab until the focus is there. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    if ((await focused(page)) === name) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never came to "${name}"`);
}
