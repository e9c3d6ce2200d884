import { existsSync } from 'node:fs';

import { chromium, type Browser } from 'playwright-core';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
];

/** Where Chromium is: CAUSEWAY_CHROMIUM, else where packages put it. Undefined when there is none. */
export const CHROMIUM = [process.env['CAUSEWAY_CHROMIUM'], ...PLACES].find(
  (path) => path !== undefined && existsSync(path),
);

if (CHROMIUM === undefined)
  // oxlint-disable-next-line no-console -- a skip carries its reason
  console.log(
    'skipped: there is no Chromium; install the package `chromium`, or name one in CAUSEWAY_CHROMIUM',
  );

export function openBrowser(): Promise<Browser> {
  // Chromium refuses its sandbox to root, which CI's containers are.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: CHROMIUM!, args });
}
