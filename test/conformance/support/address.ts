/** Address of the server's Engine.IO endpoint with a query; undefined parameters are left out. */
export function address(
  url: string,
  transport: 'polling' | 'websocket' | undefined,
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const at = new URL('/socket.io/', url);
  if (transport === 'websocket') at.protocol = at.protocol.replace('http', 'ws');
  const parameters = { EIO: '4', transport, ...query };
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) at.searchParams.set(name, value);
  }
  return at.href;
}
