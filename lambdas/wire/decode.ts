import type { Command } from '../domain/commands.ts';
import type { ErrorInfo } from '../domain/errors.ts';
import type { Result } from '../domain/result.ts';
import { fail, ok } from '../domain/result.ts';
import { API_GATEWAY, CHAT } from '../manifest/limits.ts';
import type { NativeAction } from '../manifest/routes.ts';
import { NATIVE_ACTIONS } from '../manifest/routes.ts';
import { COMMANDS } from './commands.ts';
import type { JsonRecord } from './json/safe-json.ts';
import { findHostile, parseJsonObject } from './json/safe-json.ts';
import { validate } from './json/validate.ts';

export interface Request {
  readonly command: Command;
  /** Chosen by the client, echoed in the answer. */
  readonly id?: string;
  /** False for `typing`: it is answered only when the client gave an `id`. */
  readonly replyAlways: boolean;
}

/** A refused frame; `id` is there when it could be read, so that the client can tell which request failed. */
export type RefusedRequest = ErrorInfo & { readonly id?: string };

/** Reads one frame of the native protocol (PROTOCOL.md section 3). Total: any text gives a request or a refusal. */
export function decodeFrame(text: string): Result<Request, RefusedRequest> {
  // A character is at least one byte, so this never refuses what API Gateway lets through.
  if (text.length > API_GATEWAY.messageBytes) {
    return fail({ code: 'too_large', message: `A message is at most ${API_GATEWAY.messageBytes} bytes.` });
  }
  const parsed = parseJsonObject(text);
  if (!parsed.ok) return parsed;
  const frame = parsed.value;
  const id = readId(frame);
  if (id === 'invalid') {
    return fail({
      code: 'invalid_field',
      message: `id must be 1 to ${CHAT.requestIdChars} characters long.`,
      field: 'id',
    });
  }
  const hostile = findHostile(frame);
  if (hostile !== undefined) return fail({ ...hostile, ...id });
  const command = readCommand(frame);
  if (!command.ok) return fail({ ...command.error, ...id });
  return ok({ command: command.value, replyAlways: command.value.kind !== 'typing.set', ...id });
}

function readId(frame: JsonRecord): { readonly id?: string } | 'invalid' {
  const id = frame['id'];
  if (id === undefined) return {};
  return typeof id === 'string' && id.length >= 1 && id.length <= CHAT.requestIdChars ? { id } : 'invalid';
}

function readCommand(frame: JsonRecord): Result<Command, ErrorInfo> {
  const action = frame['action'];
  if (action === undefined)
    return fail({ code: 'invalid_field', message: 'action is required.', field: 'action' });
  if (typeof action !== 'string') {
    return fail({ code: 'invalid_field', message: 'action must be a string.', field: 'action' });
  }
  if (!isAction(action)) {
    const known = NATIVE_ACTIONS.join(', ');
    return fail({ code: 'unknown_action', message: `action must be one of ${known}.`, field: 'action' });
  }
  return validate<(typeof COMMANDS)[NativeAction]>(COMMANDS[action], frame);
}

function isAction(action: string): action is NativeAction {
  return (NATIVE_ACTIONS as readonly string[]).includes(action);
}
