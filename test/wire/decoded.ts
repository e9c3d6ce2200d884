import type { Command } from '../../lambdas/domain/commands.ts';
import type { RefusedRequest } from '../../lambdas/wire/decode.ts';
import { decodeFrame } from '../../lambdas/wire/decode.ts';

/** The command a frame stands for; fails the test when it is refused. Objects are sent as their JSON. */
export function commandOf(frame: string | object): Command {
  const decoded = decodeFrame(textOf(frame));
  if (!decoded.ok) throw new Error(`refused: ${decoded.error.message}`);
  return decoded.value.command;
}

/** Why a frame is refused; fails the test when it is accepted. */
export function refusalOf(frame: string | object): RefusedRequest {
  const decoded = decodeFrame(textOf(frame));
  if (decoded.ok) throw new Error(`accepted as ${decoded.value.command.kind}`);
  return decoded.error;
}

function textOf(frame: string | object): string {
  return typeof frame === 'string' ? frame : JSON.stringify(frame);
}
