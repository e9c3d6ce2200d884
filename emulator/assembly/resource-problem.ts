import type { Resource } from '../types.ts';

/** As `read`; what it throws names the resource it is about. */
export function naming<T>({ type, logicalId }: Resource<object>, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new Error(`${type} "${logicalId}": ${problem}.`, { cause: error });
  }
}
