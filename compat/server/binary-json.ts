/**
 * Event data as JSON text for the tables, and back. Binary becomes `{ "_base64": "…" }`; an object of the application
 * that has just this one key is read back as binary, too.
 */
export function toText(value: unknown): string {
  return JSON.stringify(withoutBinary(value));
}

export function fromText(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) => {
    const base64 = isObject(value) && Object.keys(value).length === 1 ? value['_base64'] : undefined;
    return typeof base64 === 'string' ? Buffer.from(base64, 'base64') : value;
  });
}

function withoutBinary(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return mark(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
  if (value instanceof ArrayBuffer) return mark(Buffer.from(value));
  if (Array.isArray(value)) return value.map(withoutBinary);
  if (!isObject(value)) return value;
  if (typeof value['toJSON'] === 'function') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutBinary(inner)]));
}

function mark(bytes: Buffer): { readonly _base64: string } {
  return { _base64: bytes.toString('base64') };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
