import type { Millis } from '../../../domain/entities.ts';
import type { PacketLog } from '../../../ports/socketio.ts';
import { key, partition, type Key } from '../keys.ts';
import { queryAll } from '../read.ts';
import { isLive, toExpiry, type Expiring, type Table } from '../table.ts';
import { putRow } from '../write.ts';

/** IOLOG#n#0#r / o */
interface PacketRow extends Key, Expiring {
  /** Data, JSON. */
  readonly d: string;
  /** `except`, JSON; absent while empty. */
  readonly x?: string;
  /** Told until. */
  readonly u?: Millis;
  /** Turn. */
  readonly o?: string;
}

/** Offsets come from clients. Only the beginning of one that long could be compared with a real one. */
const OFFSET_CHARS = 128;

export function createPacketLog(table: Table): PacketLog {
  return {
    // AP-64
    append: (place, { offset, data, except, until, turn }, expiresAt) =>
      putRow(table, {
        ...key.packet(place, offset),
        d: data,
        x: except.length === 0 ? undefined : JSON.stringify(except),
        u: until,
        o: turn,
        expiresAt: toExpiry(expiresAt),
      }),
    // AP-65. Strong: a client that comes back must miss nothing. A key must not be empty, and ' ' sorts before all offsets.
    since: async (place, offset, at) => {
      const rows = await queryAll<PacketRow>(table, {
        KeyConditionExpression: 'pk = :pk AND sk > :offset',
        ExpressionAttributeValues: {
          ':pk': partition.packets(place),
          ':offset': offset.slice(0, OFFSET_CHARS) || ' ',
        },
        ConsistentRead: true,
      });
      return rows
        .filter((row) => isLive(row, at))
        .map((row) => ({
          offset: row.sk,
          data: row.d,
          except: row.x === undefined ? [] : (JSON.parse(row.x) as string[]),
          ...(row.u === undefined ? {} : { until: row.u }),
          ...(row.o === undefined ? {} : { turn: row.o }),
        }));
    },
  };
}
