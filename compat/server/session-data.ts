import type { Socket } from 'socket.io';

/**
 * Puts `socket.data` back to what is stored after connection listeners ran again. What they rebuilt and JSON can't hold
 * (functions, class instances that look the same as JSON) stays, since handlers count on it.
 */
export function restoreData(socket: Socket, text: string): void {
  const stored = JSON.parse(text) as Record<string, unknown>;
  if (!isRecord(socket.data)) {
    Object.assign(socket, { data: stored });
    return;
  }
  const data: Record<string, unknown> = socket.data;
  for (const key of Object.keys(data))
    if (!Object.hasOwn(stored, key) && jsonOf(data[key]) !== undefined) delete data[key];
  for (const [key, value] of Object.entries(stored))
    if (jsonOf(data[key]) !== jsonOf(value)) data[key] = value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Undefined for what JSON can't hold. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
