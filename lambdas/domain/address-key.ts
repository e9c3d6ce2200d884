/** Of an IPv6 address: groups that name a network. Whoever has one has all addresses in it (RFC 6177). */
const NETWORK_GROUPS = 4;

/**
 * By what connections from an address are counted: the address, of IPv6 its /64. Undefined when there is none. Text that is
 * no address counts as itself.
 */
export function addressKey(address: string | undefined): string | undefined {
  const text = address?.trim().toLowerCase() ?? '';
  if (text === '') return undefined;
  if (!text.includes(':')) return text;
  // An IPv4 address in IPv6 clothes (RFC 4291, 2.5.5.2).
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = text.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').length;
  const all = [
    ...groups,
    ...Array.from({ length: Math.max(0, missing) }, () => '0'),
    ...(tail ?? '').split(':'),
  ];
  const network = all.slice(0, NETWORK_GROUPS).map((group) => group.replace(/^0+(?=.)/, ''));
  return `${network.join(':')}::/64`;
}
