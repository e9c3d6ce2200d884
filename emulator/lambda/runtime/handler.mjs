// @ts-check
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RuntimeError } from './errors.mjs';

/** @typedef {(event: unknown, context: object) => unknown} Handler */

/**
 * Loads `<file>.<export>`; the file is looked for as .js, .mjs and .cjs, as the managed runtime does.
 * @param {string} taskRoot
 * @param {string} name
 * @param {number} nodeMajor 24 and later know no callbacks.
 * @returns {Promise<Handler>}
 */
export async function loadHandler(taskRoot, name, nodeMajor) {
  const match = /^((?:.*\/)?[^./]+)\.(.+)$/.exec(name);
  const [, file, path] = match ?? [];
  if (!file || !path || name.includes('..'))
    throw new RuntimeError('Runtime.MalformedHandlerName', 'Bad handler');
  const exports = await importModule(taskRoot, file);
  const handler = find(exports, path) ?? find(exports['default'], path);
  if (handler === undefined)
    throw new RuntimeError('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  if (typeof handler !== 'function')
    throw new RuntimeError('Runtime.HandlerNotFound', `${name} is not a function`);
  return handler.length < 3 ? /** @type {Handler} */ (handler) : withCallback(handler, nodeMajor);
}

/** @param {string} taskRoot @param {string} file @returns {Promise<Record<string, unknown>>} */
async function importModule(taskRoot, file) {
  const found = ['.js', '.mjs', '.cjs']
    .map((extension) => join(taskRoot, file + extension))
    .find((path) => existsSync(path));
  if (!found) throw new RuntimeError('Runtime.ImportModuleError', `Error: Cannot find module '${file}'`);
  try {
    return await import(pathToFileURL(found).href);
  } catch (error) {
    const code = /** @type {{ code?: string }} */ (error)?.code ?? '';
    if (error instanceof SyntaxError)
      throw new RuntimeError('Runtime.UserCodeSyntaxError', `SyntaxError: ${error.message}`);
    if (/^(ERR_MODULE|MODULE)_NOT_FOUND$/.test(code))
      throw new RuntimeError('Runtime.ImportModuleError', String(error));
    throw error;
  }
}

/** @param {unknown} root @param {string} path `handler` or `a.b`. @returns {unknown} */
function find(root, path) {
  /** @type {unknown} */
  let value = root;
  for (const key of path.split('.'))
    value = /** @type {Record<string, unknown> | undefined} */ (value)?.[key];
  return value;
}

/** @param {Function} handler @param {number} nodeMajor @returns {Handler} */
function withCallback(handler, nodeMajor) {
  if (nodeMajor >= 24) {
    throw new RuntimeError(
      'Runtime.CallbackHandlerDeprecated',
      'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.',
    );
  }
  return (event, context) =>
    new Promise((resolve, reject) => {
      /** @param {unknown} error @param {unknown} value */
      const callback = (error, value) =>
        error === null || error === undefined ? resolve(value) : reject(error);
      const returned = handler(event, context, callback);
      if (typeof returned?.then === 'function') returned.then(resolve, reject);
    });
}
