/** How long a user may be away before others are told: a page that is loaded anew is no departure. */
export const PRESENCE_GRACE_MS = 10_000;
