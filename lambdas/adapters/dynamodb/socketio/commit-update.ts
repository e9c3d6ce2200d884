import type { ConnectionId } from '../../../domain/ids.ts';
import { SOCKETIO_SESSION } from '../../../manifest/limits.ts';
import type { EnginePacket, EngineSession } from '../../../ports/socketio.ts';
import { newSocket, outboxBytes, type NamespaceChange } from '../../socketio/session-rules.ts';
import type { Table } from '../table.ts';
import type { RowUpdate } from '../write.ts';
import { createUpdateExpression, type UpdateExpression } from './expression.ts';
import { requireOpen, requirePolling, sign } from './session-row-calls.ts';
import { roomAttribute, socketRecord } from './session-rows.ts';

/** Rooms joined and left in one expression, which may have 4 KB and 300 operators (AWS "API_UpdateItem"). */
const ROOMS_PER_UPDATE = 100;

/** What is to be written; a refusal may make it less. */
export interface CommitPlan {
  readonly changes: readonly NamespaceChange[];
  readonly packets: readonly EnginePacket[];
  /** Where the session moved, so that its packets can't wait for a poll. */
  readonly movedTo?: ConnectionId;
  /** The session as a refusal showed it. */
  readonly seen?: EngineSession;
}

/** One change of one room of a socket that is there. */
interface RoomStep {
  readonly nsp: string;
  readonly room: string;
  readonly kind: 'join' | 'leave';
}

/** The first of the updates carries every condition and everything but the rooms that it has no space for. */
export function commitUpdates(table: Table, plan: CommitPlan, name: string): readonly RowUpdate[] {
  const steps = plan.changes.filter(isOfStandingSocket).flatMap(roomSteps);
  const first = createUpdateExpression();
  sign(first, name);
  // A second run of this very write would append its packets again.
  first.require(`attribute_not_exists(${first.path('w')}) OR ${first.path('w')} <> ${first.value(name)}`);
  requireOpen(first, table);
  writeSockets(first, plan);
  writePackets(first, plan);
  writeRooms(first, steps.slice(0, ROOMS_PER_UPDATE));
  const updates = [first.build()];
  for (let at = ROOMS_PER_UPDATE; at < steps.length; at += ROOMS_PER_UPDATE)
    updates.push(roomUpdate(table, steps.slice(at, at + ROOMS_PER_UPDATE)));
  return updates;
}

function roomUpdate(table: Table, steps: readonly RoomStep[]): RowUpdate {
  const update = createUpdateExpression();
  requireOpen(update, table);
  for (const nsp of new Set(steps.map((step) => step.nsp))) requireSocket(update, nsp);
  writeRooms(update, steps);
  return update.build();
}

function isOfStandingSocket({ connect, disconnected }: NamespaceChange): boolean {
  return connect === undefined && !disconnected;
}

function roomSteps({ nsp, joined, left }: NamespaceChange): readonly RoomStep[] {
  return [
    ...joined.map((room): RoomStep => ({ nsp, room, kind: 'join' })),
    ...left.map((room): RoomStep => ({ nsp, room, kind: 'leave' })),
  ];
}

function writeRooms(update: UpdateExpression, steps: readonly RoomStep[]): void {
  for (const { nsp, room, kind } of steps) {
    const path = update.path('s', nsp, 'r', roomAttribute(room));
    if (kind === 'join') update.set(path, update.value(true));
    else update.remove(path);
  }
}

function writeSockets(update: UpdateExpression, { changes, seen }: CommitPlan): void {
  let added = 0;
  for (const change of changes) {
    if (change.connect !== undefined) added += connect(update, change);
    else if (change.disconnected) update.remove(update.path('s', change.nsp));
    else changeSocket(update, change, seen);
  }
  if (changes.some((change) => change.connect !== undefined))
    update.set(update.path('j'), update.value(true));
  if (added === 0) return;
  const most = SOCKETIO_SESSION.namespaces - added;
  requireSize(update, update.path('s'), [most, sizeOf(seen?.sockets)]);
}

function connect(update: UpdateExpression, change: NamespaceChange): number {
  if (change.connect === undefined) return 0;
  const path = update.path('s', change.nsp);
  update.set(path, update.value(socketRecord(newSocket(change.connect, change))));
  if (change.disconnected) return 0;
  update.require(`attribute_not_exists(${path})`);
  return 1;
}

/** Conditions are checked before paths: of a socket that is gone nothing can be changed, DynamoDB would call it invalid. */
function changeSocket(
  update: UpdateExpression,
  { nsp, data, tag, joined }: NamespaceChange,
  seen: EngineSession | undefined,
): void {
  requireSocket(update, nsp);
  if (data !== undefined) update.set(update.path('s', nsp, 'd'), update.value(data));
  if (tag !== undefined) update.set(update.path('s', nsp, 't'), update.value(tag));
  if (joined.length === 0) return;
  const most = SOCKETIO_SESSION.roomsPerSocket - joined.length;
  requireSize(update, update.path('s', nsp, 'r'), [most, seen?.sockets[nsp]?.rooms.length ?? 0]);
}

function requireSocket(update: UpdateExpression, nsp: string): void {
  update.require(`attribute_exists(${update.path('s', nsp)})`);
}

/**
 * `most` counts everything that is added as new. Where that was refused and a read showed that some of it is not, the
 * size that was seen may stand.
 */
function requireSize(
  update: UpdateExpression,
  path: string,
  sizes: readonly [most: number, seen: number],
): void {
  update.require(`size(${path}) <= ${update.value(Math.max(...sizes))}`);
}

function sizeOf(map: object | undefined): number {
  return map === undefined ? 0 : Object.keys(map).length;
}

function writePackets(
  update: UpdateExpression,
  { packets }: { readonly packets: readonly EnginePacket[] },
): void {
  if (packets.length === 0) return;
  const [outbox, bytes] = [update.path('o'), outboxBytes(packets)];
  update.set(outbox, `list_append(${outbox}, ${update.value(packets)})`);
  update.add(update.path('z'), bytes);
  requirePolling(update);
  const space = update.value(SOCKETIO_SESSION.outboxBytes - bytes);
  update.require(`attribute_not_exists(${update.path('z')}) OR ${update.path('z')} <= ${space}`);
}
