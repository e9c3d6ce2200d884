import { parseArgs } from 'node:util';

import { UsageError } from './usage-error.ts';

/** In the order of importing: rooms name users, messages name both. */
export const KINDS = ['users', 'rooms', 'messages'] as const;
export type Kind = (typeof KINDS)[number];

export interface Options {
  /** At least one. */
  readonly files: Readonly<Partial<Record<Kind, string>>>;
  readonly table?: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly state: string;
  readonly dryRun: boolean;
}

export const USAGE = `usage: npm run import -- [--users FILE] [--rooms FILE] [--messages FILE] [options]

  --table NAME      the stack's output TableName; found by itself on the emulator
  --endpoint URL    the emulator (http://localhost:3000) or another local DynamoDB; default: AWS
  --region NAME     default: the AWS configuration's
  --state FILE      what has been done, to go on after an interruption; default .causeway-import.json
  --dry-run         check every line, write nothing

Exit code 0: every line is imported. 1: lines were rejected (their numbers and reasons are in FILE.rejected.ndjson),
or the run has stopped; the same command goes on where it stopped. The lines are described in docs/migrate.md.`;

const text = { type: 'string' } as const;

export function readOptions(args: readonly string[]): Options | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  const { users, rooms, messages, table, endpoint, region } = values;
  const files = { ...(users && { users }), ...(rooms && { rooms }), ...(messages && { messages }) };
  if (Object.keys(files).length === 0) throw new UsageError(`Name a file to import.\n\n${USAGE}`);
  return {
    files,
    ...(table && { table }),
    ...(endpoint && { endpoint: endpoint.replace(/\/+$/, '') }),
    ...(region && { region }),
    state: values.state,
    dryRun: values['dry-run'],
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        users: text,
        rooms: text,
        messages: text,
        table: text,
        endpoint: text,
        region: text,
        state: { ...text, default: '.causeway-import.json' },
        'dry-run': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`, { cause: error });
  }
}
