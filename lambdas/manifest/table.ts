/**
 * The single table: key and attribute names. One- and two-letter names where the row is read in bulk
 * (live members: 40 of them must fit into one 4 KB read unit).
 */
export const TABLE = { partitionKey: 'pk', sortKey: 'sk', timeToLive: 'expiresAt' } as const;

/** Attributes of a live-member row. */
export const LIVE = { userId: 'u', dialect: 'd', shards: 'k' } as const;
