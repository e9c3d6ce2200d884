import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** Longer than anything here takes on a busy machine. */
const PATIENCE_MS = 20_000;

export interface Visitor {
  readonly page: Page;
  readonly id: string;
  /** What the browser complained of: exceptions, violations of the content security policy, failed requests. */
  readonly complaints: readonly string[];
  createRoom(name: string, others?: readonly Visitor[]): Promise<void>;
  openRoom(name: string): Promise<void>;
  say(text: string): Promise<void>;
  sees(text: string): Promise<void>;
  /** Chooses a dialect. */
  speak(dialect: string): Promise<void>;
  /** Waits until an event of this name is in the log of raw events, and gives its payload. */
  rawEvent(direction: 'in' | 'out', event: string): Promise<Record<string, unknown>>;
}

/** A page of its own, signed up and connected. */
export async function visit(
  browser: Browser,
  { origin, name, options = {} }: { origin: string; name: string; options?: BrowserContextOptions },
): Promise<Visitor> {
  const { page, complaints } = await openPage(browser, origin, options);
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('E-mail').fill(`${name.toLowerCase()}@example.com`);
  await page.getByLabel('Password').fill(`${name}-password`);
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByText('Connected', { exact: true }).waitFor();
  const id = await page.locator('#own-id').innerText();
  return { page, id, complaints, ...actions(page) };
}

export async function openPage(browser: Browser, origin: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(origin);
  return { page, complaints };
}

function actions(page: Page) {
  return {
    async createRoom(name: string, others: readonly Visitor[] = []) {
      await page.getByText('New room').click();
      await page.getByLabel('Name', { exact: true }).fill(name);
      await page.getByLabel('Invite').fill(others.map(({ id }) => id).join(' '));
      await page.getByRole('button', { name: 'Create room' }).click();
      await page.getByRole('heading', { name, level: 1 }).waitFor();
    },
    async openRoom(name: string) {
      await page.getByRole('button', { name: 'Refresh' }).click();
      await page.getByRole('navigation', { name: 'Rooms' }).getByRole('button', { name }).click();
      await page.getByRole('heading', { name, level: 1 }).waitFor();
    },
    async say(text: string) {
      await page.getByLabel('Message', { exact: true }).fill(text);
      await page.keyboard.press('Enter');
      await page.locator('#message:placeholder-shown').waitFor();
    },
    sees: (text: string) => page.getByRole('log').getByText(text, { exact: true }).waitFor(),
    async speak(dialect: string) {
      await page.getByRole('radio', { name: dialect }).check({ force: true });
      await page.locator('.about', { hasText: /^(?!Connecting)/ }).waitFor();
    },
    async rawEvent(direction: 'in' | 'out', event: string) {
      const entry = page
        .locator(`.wire .log li[data-direction=${direction}]`)
        .filter({ has: page.locator('.event', { hasText: new RegExp(`^${event}$`) }) })
        .first();
      return JSON.parse(await entry.locator('pre').innerText()) as Record<string, unknown>;
    },
  };
}
