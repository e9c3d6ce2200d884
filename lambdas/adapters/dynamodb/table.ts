import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Millis } from '../../domain/entities.ts';

/** Where the stores read and write. `now` decides which rows have expired where a port passes no instant. */
export interface Table {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly now: () => Millis;
}

/** Rows that expire carry `expiresAt` in epoch seconds, which is what DynamoDB's TTL reads. */
export interface Expiring {
  readonly expiresAt: number;
}

/** Rounded up: a row never expires before its instant. */
export function toExpiry(at: Millis): number {
  return Math.ceil(at / 1_000);
}

/** TTL deletes days late (AWS "Using time to live in DynamoDB"), so every read asks this itself. */
export function isLive(row: Expiring, at: Millis): boolean {
  return row.expiresAt * 1_000 > at;
}
