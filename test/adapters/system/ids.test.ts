import { describe, expect, test } from 'vitest';
import { randomIds } from '../../../lambdas/adapters/system/ids.ts';
import { parseRoomId, parseSessionId, parseUserId } from '../../../lambdas/domain/ids.ts';

describe('fresh ids', () => {
  test('users and rooms: ObjectId layout, beginning with the second they were made in', () => {
    const at = Date.parse('2026-03-01T12:00:00Z');
    for (const id of [randomIds.user(at), randomIds.room(at)]) {
      expect(id).toMatch(/^[0-9a-f]{24}$/);
      expect(Number.parseInt(id.slice(0, 8), 16) * 1_000).toBe(at);
    }
    expect(parseUserId(randomIds.user(at))).toBeDefined();
    expect(parseRoomId(randomIds.room(at))).toBeDefined();
  });

  test('sessions: 128 bits, unguessable and never the same', () => {
    const ids = Array.from({ length: 1_000 }, () => randomIds.session());
    expect(new Set(ids).size).toBe(1_000);
    expect(
      ids.every((id) => parseSessionId(id) !== undefined && Buffer.from(id, 'base64url').length === 16),
    ).toBe(true);
  });
});
