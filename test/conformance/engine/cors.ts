import { describe, expect, test } from 'vitest';
import { address } from '../support/address.ts';
import { ask, Polling } from '../support/polling.ts';
import type { Target } from '../target.ts';

/** The `cors` package with `origin: '*'`, as engine.io runs it before everything else. */
export function cors({ url }: Target): void {
  const fromPage = { origin: 'https://page.example' };

  describe('CORS', () => {
    test('answers a preflight with 204 and reflects the headers it asks for', async () => {
      const { status, headers, body } = await ask(address(url(), 'polling'), {
        method: 'OPTIONS',
        headers: {
          ...fromPage,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,x-custom',
        },
      });
      expect(status).toBe(204);
      expect(body).toBe('');
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(headers.get('access-control-allow-methods')).toBe('GET,HEAD,PUT,PATCH,POST,DELETE');
      expect(headers.get('access-control-allow-headers')).toBe('authorization,x-custom');
      expect(headers.get('vary')).toContain('Access-Control-Request-Headers');
    });

    test('every answer of a session says it: handshake, POST, GET, 413, 500', async () => {
      const opened = await ask(address(url(), 'polling'), { headers: fromPage });
      const session = await Polling.session(url());
      const answers = [
        opened,
        await session.post('40', fromPage),
        await session.get({ headers: fromPage }),
        await session.post('x'.repeat(1_500_000), fromPage),
        await ask(session.address(), { method: 'PUT', headers: fromPage }),
      ];
      expect(answers.map(({ headers }) => headers.get('access-control-allow-origin'))).toEqual(
        answers.map(() => '*'),
      );
    });

    test('errors say it too, so that a page can read them', async () => {
      for (const query of [{ sid: 'nobody' }, { EIO: '3' }, { transport: 'x' }]) {
        const { status, headers } = await ask(address(url(), 'polling', query), { headers: fromPage });
        expect(status).toBe(400);
        expect(headers.get('access-control-allow-origin')).toBe('*');
      }
    });
  });
}
