/** The two roles that mean something to Causeway; all others are the deployment's own words. */
const PRIVILEGED: ReadonlySet<string> = new Set(['admin', 'service']);

/** May push notifications to any user. */
export function mayNotify(role: string | undefined): boolean {
  return role !== undefined && PRIVILEGED.has(role);
}

/** May remove others from rooms that somebody else created. */
export function mayModerate(role: string | undefined): boolean {
  return role === 'admin';
}
