import { addressKey } from '../../lambdas/domain/address-key.ts';
import { EXPIRY } from '../../lambdas/manifest/limits.ts';
import type { EngineId } from '../../lambdas/ports/socketio.ts';
import type { Admission, UpgradeRequest } from '../types.ts';
import type { Engine } from './deps.ts';
import type { Fresh } from './fresh.ts';
import { newSession } from './handshake.ts';
import { openPacket } from './packets.ts';
import { REFUSED } from './refusals.ts';
import { mintEngineId, parseEngineId } from './session-id.ts';
import { verifyProtocol, verifyRequest } from './verify.ts';

/** `$connect`. A new session costs one write and one asynchronous invoke at once; a probe one write. */
export async function admit(engine: Engine, fresh: Fresh, upgrade: UpgradeRequest): Promise<Admission> {
  const { query } = upgrade;
  const refusal = verifyRequest(upgrade);
  if (refusal !== undefined) return { refused: refusal };
  if (query['transport'] !== 'websocket') return { refused: REFUSED.badRequest };
  if ((query['sid'] ?? '') !== '') return probe(engine, upgrade, parseEngineId(query['sid']));
  const unsupported = verifyProtocol(query);
  return unsupported === undefined ? open(engine, fresh, upgrade) : { refused: unsupported };
}

async function open(engine: Engine, fresh: Fresh, upgrade: UpgradeRequest): Promise<Admission> {
  const { stores, options, clock, random, sendOpen } = engine;
  const openedAt = clock.now();
  const { connectionId, address } = upgrade;
  const allowed = await engine.rates.use({ of: { connects: addressKey(address) }, at: openedAt });
  if (!allowed.ok) return { refused: REFUSED.tooManyConnects };
  const sid = mintEngineId(random, openedAt, options.heartbeat.pingIntervalMs);
  const session = { ...newSession(sid, upgrade, { transport: 'websocket', openedAt }), connectionId };
  const packet = openPacket(sid, 'websocket', options);
  await Promise.all([
    stores.sessions.open(session, openedAt + EXPIRY.sessionSeconds * 1000),
    sendOpen?.(connectionId, packet),
    allowed.told,
  ]);
  fresh.opened(session);
  return { sid, open: packet };
}

/** The stock server lets a second WebSocket of an upgraded session in and cuts it at once; here it never gets in. */
async function probe(
  { stores, clock }: Engine,
  { query, connectionId }: UpgradeRequest,
  sid: EngineId | undefined,
): Promise<Admission> {
  if (sid === undefined) return { refused: REFUSED.unknownSession };
  if (verifyProtocol(query) !== undefined) return { refused: REFUSED.badRequest };
  const outcome = await stores.sessions.probe(sid, { connectionId, at: clock.now() });
  if (outcome === 'probing') return { sid };
  return { refused: outcome === 'unknown' ? REFUSED.unknownSession : REFUSED.badRequest };
}
