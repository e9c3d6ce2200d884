/** The users' documents (docs/contracts), taken apart: what they emit, what they listen for, what they show of payloads. */
import { readFileSync } from 'node:fs';

export interface Listener {
  readonly event: string;
  /** Fields that its code reads from the payload. */
  readonly reads: readonly string[];
  /** Code and comments. */
  readonly body: string;
}

export interface Contract {
  readonly text: string;
  /** Events that the samples emit on the client's socket, with the source of their argument. */
  readonly emits: readonly { readonly event: string; readonly argument: string }[];
  readonly listens: readonly Listener[];
  /** Rows of the Markdown table below a heading: cells, without backticks. */
  table(heading: string): readonly (readonly string[])[];
}

/** What socket.io-client says by itself, of the connection. */
export const LIFECYCLE: ReadonlySet<string> = new Set(['connect', 'connect_error', 'disconnect']);

export function readContract(path: string): Contract {
  const text = readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/^ *```(?:javascript|js|ts)\n([\s\S]*?)^ *```/gm)].map(
    ([, code]) => code ?? '',
  );
  return {
    text,
    emits: blocks.flatMap(emitsOf),
    listens: blocks.flatMap(listenersOf).filter(({ event }) => !LIFECYCLE.has(event)),
    table: (heading) => tableBelow(text, heading),
  };
}

function emitsOf(code: string) {
  const calls = code.matchAll(/socket\.emit\(['"]([^'"]+)['"],\s*([\s\S]*?)\);/g);
  return [...calls].map(([, event = '', argument = '']) => ({ event, argument }));
}

function listenersOf(code: string): readonly Listener[] {
  // A listener ends where its line's indentation comes back; one-liners end on their line.
  const calls = code.matchAll(
    /^( *)(?:this\.)?socket\.on\(['"]([^'"]+)['"],\s*\(([^)]*)\) => (?:\{\n([\s\S]*?)^\1\}\);|(.*))/gm,
  );
  return [...calls].map(([, , event = '', parameter = '', block, line]) => {
    const body = block ?? line ?? '';
    const destructured = /^\{(.*)\}$/
      .exec(parameter)?.[1]
      ?.split(',')
      .map((name) => name.trim());
    const read = [...body.matchAll(new RegExp(`\\b${parameter.replaceAll(/\W/g, '')}\\.([\\w.]+)`, 'g'))];
    return {
      event,
      body,
      reads: destructured ?? (parameter === '' ? [] : read.map(([, path = '']) => path)),
    };
  });
}

function tableBelow(text: string, heading: string) {
  const section = text.split(/^#+ /m).find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\|(.+)\|$/gm)]
    .slice(2)
    .map(([, row = '']) => row.split('|').map((cell) => cell.trim().replaceAll('`', '')));
}
