import { describe, expect, test } from 'vitest';
import { address } from '../support/address.ts';
import { ask, type Open } from '../support/polling.ts';
import { Wire } from '../support/wire.ts';
import { SETTINGS, type Target } from '../target.ts';

/** Published suite "handshake"; error bodies from engine.io, lib/server.ts. */
export function handshake({ url, deviates }: Target): void {
  const open = (sid: string, upgrades: readonly string[]) =>
    `0${JSON.stringify({
      sid,
      upgrades,
      pingInterval: SETTINGS.pingIntervalMs,
      pingTimeout: SETTINGS.pingTimeoutMs,
      maxPayload: SETTINGS.maxPayloadBytes,
    })}`;
  const refused = (code: number, message: string) => ({
    status: 400,
    body: JSON.stringify({ code, message }),
  });

  describe('handshake over HTTP long-polling', () => {
    test('opens a session: five keys in stock order, 20 characters of base64url or a few more as sid', async () => {
      const { status, body, headers } = await ask(address(url(), 'polling'));
      expect(status).toBe(200);
      const { sid } = JSON.parse(body.slice(1)) as Open;
      expect(sid).toMatch(/^[\w-]{20,24}$/);
      expect(body).toBe(open(sid, ['websocket']));
      expect(headers.get('content-type')).toBe('text/plain; charset=UTF-8');
      expect(headers.get('cache-control')).toBe('no-store');
    });

    test('takes the query in any order and ignores what it does not know', async () => {
      const { status } = await ask(`${url()}/socket.io/?transport=polling&token=a%26b&t=x1&EIO=4&b64=1`);
      expect(status).toBe(200);
    });

    test('every session gets another sid', async () => {
      const bodies = await Promise.all([1, 2, 3].map(() => ask(address(url(), 'polling'))));
      const sids = bodies.map(({ body }) => (JSON.parse(body.slice(1)) as Open).sid);
      expect(new Set(sids).size).toBe(3);
    });

    test.each([undefined, 'abc', '3', '5', ''])('refuses EIO=%s with code 5', async (EIO) => {
      const answer = await ask(address(url(), 'polling', { EIO }));
      expect(answer).toMatchObject(refused(5, 'Unsupported protocol version'));
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    });

    test.each([undefined, 'abc', '', 'webtransport'])(
      'refuses transport=%s with code 0',
      async (transport) => {
        expect(await ask(address(url(), undefined, { transport }))).toMatchObject(
          refused(0, 'Transport unknown'),
        );
      },
    );

    test.each(['POST', 'PUT', 'DELETE', 'PATCH'])('refuses the method %s with code 2', async (method) => {
      expect(await ask(address(url(), 'polling'), { method })).toMatchObject(
        refused(2, 'Bad handshake method'),
      );
    });

    test.each(['GET', 'POST'])('refuses a sid nobody has with code 1 (%s)', async (method) => {
      for (const sid of ['nobody', 'AAAAAAAAAAAAAAAAAAAA', '../../x', 'a'.repeat(600), '%00']) {
        const init = method === 'POST' ? { method, body: '2' } : {};
        expect(await ask(address(url(), 'polling', { sid }), init), sid).toMatchObject(
          refused(1, 'Session ID unknown'),
        );
      }
    });

    test('refuses transport=websocket on a plain request with code 3', async () => {
      const plain = address(url(), 'websocket').replace(/^ws/, 'http');
      const answer = await ask(plain);
      // Both transports share an origin, and the API for WebSockets takes nothing else.
      if (deviates('upgrade-refusals')) expect(answer.status).toBeGreaterThanOrEqual(400);
      else expect(answer).toMatchObject(refused(3, 'Bad request'));
    });
  });

  describe('handshake over WebSocket', () => {
    test('opens a session: the OPEN packet comes first and offers no upgrade', async () => {
      const wire = new Wire(address(url(), 'websocket'));
      const first = String(await wire.next());
      const { sid } = JSON.parse(first.slice(1)) as Open;
      expect(sid).toMatch(/^[\w-]{20,24}$/);
      expect(first).toBe(open(sid, []));
    });

    test.each([undefined, 'abc', '3'])('does not keep a WebSocket with EIO=%s', async (EIO) => {
      const wire = new Wire(address(url(), 'websocket', { EIO }));
      await wire.ended();
      expect(wire.frames).toEqual([]);
      expect(await wire.status).toBe(deviates('upgrade-refusals') ? 403 : 101);
    });

    test.each([undefined, 'abc'])('does not open a WebSocket with transport=%s', async (transport) => {
      const wire = new Wire(address(url(), 'websocket', { transport }));
      await wire.ended();
      expect(wire.frames).toEqual([]);
      // Where two APIs share an origin, what is no WebSocket transport is no business of the one for WebSockets.
      expect(await wire.status).not.toBe(101);
    });

    test('does not open a WebSocket for a sid nobody has', async () => {
      for (const sid of ['nobody', 'AAAAAAAAAAAAAAAAAAAA']) {
        const wire = new Wire(address(url(), 'websocket', { sid }));
        await wire.ended();
        expect(await wire.status).toBe(deviates('upgrade-refusals') ? 403 : 400);
      }
    });
  });
}
