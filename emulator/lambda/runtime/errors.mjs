// @ts-check
import { types } from 'node:util';

/** An error of the runtime, not of the function; `name` is what AWS reports as errorType. */
export class RuntimeError extends Error {
  /** @param {string} type `Runtime.ImportModuleError` … @param {string} message */
  constructor(type, message) {
    super(message);
    this.name = type;
  }
}

/**
 * A thrown value as the runtime interface client of AWS reports it (Errors.js, toRapidResponse).
 * @param {unknown} error
 * @returns {import('../protocol.ts').FailureReport}
 */
export function report(error) {
  try {
    if (types.isNativeError(error) || error instanceof Error) {
      // Anything can be assigned to these.
      const { name, message, stack } = /** @type {{ name: unknown, message: unknown, stack?: unknown }} */ (
        error
      );
      return {
        errorType: String(name),
        errorMessage: String(message),
        trace: typeof stack === 'string' ? stack.split('\n') : [],
      };
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  } catch {
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
      trace: [],
    };
  }
}
