/** `npm run docs:screenshot`: docs/images/demo.png, of the page as two people use it. */
import { mkdir, stat } from 'node:fs/promises';

import { startCauseway, type Causeway } from '../support/causeway.ts';
import { putEvents } from '../support/put-events.ts';
import { CHROMIUM, openBrowser } from './support/chromium.ts';
import { visit } from './support/visitor.ts';

const FILE = 'docs/images/demo.png';
const MOST_BYTES = 300 * 1024;

const causeway = await startCauseway();
const browser = CHROMIUM === undefined ? undefined : await openBrowser();
try {
  if (browser === undefined) process.exitCode = 1;
  else await take(causeway, browser);
} finally {
  await browser?.close();
  await causeway.close();
}

async function take(
  { urls: { origin }, ...emulator }: Causeway,
  browser: Awaited<ReturnType<typeof openBrowser>>,
): Promise<void> {
  const anna = await visit(browser, { origin, name: 'Anna' });
  const bob = await visit(browser, { origin, name: 'Bruno' });
  const chloe = await visit(browser, { origin, name: 'Chloe' });
  await anna.createRoom('Release notes', [bob]);
  await anna.say('Draft is in the shared folder.');
  await anna.createRoom('Migration week', [bob, chloe]);
  for (const other of [bob, chloe]) await other.openRoom('Migration week');
  await chloe.speak('rooms');
  await anna.say('The new back end is up. Nobody has to change a line of client code.');
  await bob.sees('The new back end is up. Nobody has to change a line of client code.');
  await bob.say('Our old app still says message:send, and it just works.');
  await chloe.sees('Our old app still says message:send, and it just works.');
  await chloe.say('Same here, on /chat with send_message. We see each other?');
  await anna.sees('Same here, on /chat with send_message. We see each other?');
  await anna.say('We do: one room, each in its own words.');
  await bob.openRoom('Release notes');
  await bob.say('Read it, two small remarks.');
  await bob.openRoom('Migration week');
  const Detail = JSON.stringify({ userId: anna.id, payload: { title: 'Import finished: 100,000 messages' } });
  await putEvents(emulator, [{ Source: 'causeway', DetailType: 'notification.new', Detail }]);
  await anna.page.getByRole('button', { name: 'Notifications 1 unread' }).waitFor();
  await anna.page.locator('.seen', { hasText: 'Read by Bruno' }).waitFor();
  await chloe.page.getByLabel('Message', { exact: true }).pressSequentially('Shall we');
  await anna.page.getByText('typing …').waitFor();
  await mkdir('docs/images', { recursive: true });
  await anna.page.screenshot({ path: FILE, animations: 'disabled' });
  const { size } = await stat(FILE);
  if (size > MOST_BYTES) throw new Error(`${FILE} has ${size} bytes; at most ${MOST_BYTES} are wanted`);
}
