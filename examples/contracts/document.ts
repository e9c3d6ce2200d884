import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The users' documents. */
export const CONTRACTS = fileURLToPath(new URL('../../docs/contracts/', import.meta.url));

export const DOCUMENTS = ['fama', 'messenger', 'rooms', 'chats', 'notifications'] as const;
export type DocumentName = (typeof DOCUMENTS)[number];

/** A fenced block of JavaScript or TypeScript, as it stands in its document but for the indentation of a list. */
export interface Sample {
  readonly document: string;
  /** Of its first line of code, in the document. */
  readonly line: number;
  readonly heading: string;
  readonly code: string;
  /** `connection` makes a socket, `fragment` uses one that is there, `server` is code of a back end. */
  readonly kind: 'connection' | 'fragment' | 'server';
}

export interface ContractDocument {
  readonly name: string;
  readonly title: string;
  readonly text: string;
  readonly samples: readonly Sample[];
}

/** Reads a document and takes its samples out; nothing about them is known beforehand. */
export function readDocument(name: string, directory: string = CONTRACTS): ContractDocument {
  const text = readFileSync(join(directory, `${name}.md`), 'utf8');
  const samples = [...samplesOf(name, text)];
  return { name, title: /^# (.+)$/m.exec(text)?.[1]?.trim() ?? name, text, samples };
}

const FENCE = /^(\s*)```(\w*)\s*$/;
const LANGUAGES = new Set(['javascript', 'js', 'ts']);

interface Open {
  readonly indent: string;
  readonly language: string;
  readonly line: number;
  readonly code: string[];
}

function* samplesOf(document: string, text: string): Generator<Sample> {
  let heading = '';
  let open: Open | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const [, indent = '', language = ''] = FENCE.exec(line) ?? [undefined];
    const isFence = FENCE.test(line);
    if (open === undefined) {
      heading = /^#+ (.+)$/.exec(line)?.[1]?.trim() ?? heading;
      if (isFence) open = { indent, language, line: index + 2, code: [] };
    } else if (isFence) {
      const code = open.code.join('\n');
      if (LANGUAGES.has(open.language))
        yield { document, line: open.line, heading, code, kind: kindOf(code) };
      open = undefined;
    } else {
      open.code.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line);
    }
  }
  if (open !== undefined) throw new Error(`${document}.md:${open.line}: the block has no end`);
}

function kindOf(code: string): Sample['kind'] {
  if (/\bverifyUserToken\b|\bsocket\.join\(|(?<!\.)\bio\.(?:to|on)\(/.test(code)) return 'server';
  return /\bio\(/.test(code) ? 'connection' : 'fragment';
}
