import type { Resource } from '../types.ts';

/** A template asks for something this emulator doesn't play; the message names the resource and says what to do. */
export class UnsupportedResource extends Error {
  override readonly name = 'UnsupportedResource';
  constructor(resource: Resource<object>, problem: string) {
    super(`${resource.type} "${resource.logicalId}": ${problem}`);
  }
}
