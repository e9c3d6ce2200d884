import { CausewayError } from './errors.ts';

/** `unavailable`, and nobody can tell whether it was done: the request left, and no answer came. */
export class InDoubt extends CausewayError {
  constructor(cause: unknown) {
    super('unavailable', 'The service did not answer; try again', { cause });
  }
}
