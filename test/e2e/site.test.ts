import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startCauseway, type Causeway } from '../support/causeway.ts';

describe('the one origin', () => {
  let causeway: Causeway;
  beforeAll(async () => {
    causeway = await startCauseway();
  });
  afterAll(() => causeway.close());
  const get = (path: string) => fetch(causeway.urls.origin + path);

  test.each([
    ['/', 'text/html'],
    ['/index.html', 'text/html'],
    ['/main.js', 'text/javascript'],
    ['/dialects/chats.js', 'text/javascript'],
    ['/socket.io.esm.min.js', 'text/javascript'],
    ['/styles/theme.css', 'text/css'],
    ['/icon.svg', 'image/svg+xml'],
  ])('serves %s of the page as %s, with its headers', async (path, type) => {
    const { status, headers } = await get(path);
    expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([
      200,
      type,
      'no-cache',
    ]);
    expect(headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('holds every file the page asks for, and no notes of ours', async () => {
    const asked = new Set<string>();
    const follow = async (path: string): Promise<void> => {
      if (asked.has(path)) return;
      asked.add(path);
      const answer = await get(path);
      expect(answer.status, path).toBe(200);
      if (path.endsWith('.min.js')) return;
      const text = await answer.text();
      const links = [...text.matchAll(/(?:^|\n)import [^;]*?'(\.[^']+)'|(?:src|href)="([^"#]+)"/g)];
      const paths = links.map(
        ([, module, file]) => new URL(module ?? file ?? '', `http://x${path}`).pathname,
      );
      await Promise.all(paths.map(follow));
    };
    await follow('/');
    expect(asked.size).toBeGreaterThan(25);
    for (const path of ['/types.ts', '/tsconfig.json', '/socket.io.js', '/package.json'])
      expect((await get(path)).status, path).toBe(403);
  });

  test('leaves REST, Socket.IO and the native API where they were', async () => {
    expect(await (await get('/health')).json()).toEqual({ status: 'ok' });
    expect(await (await get('/api/health')).json()).toEqual({ status: 'ok' });
    expect((await get('/chat/rooms')).status).toBe(401);
    expect((await get('/notifications')).status).toBe(401);
    expect(await (await get('/openapi.json')).json()).toMatchObject({
      openapi: expect.stringMatching(/^3\./),
    });
    expect(await (await get('/socket.io/?EIO=4&transport=polling')).text()).toMatch(/^0\{"sid":/);
    const anna = await causeway.register('anna');
    const client = await causeway.connect(anna);
    expect(await client.request({ action: 'ping' })).toMatchObject({ event: 'pong' });
    await client.close();
  });
});
