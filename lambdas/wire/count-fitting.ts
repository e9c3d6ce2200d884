import { utf8Length } from '../domain/utf8.ts';

/** How many of these texts fit into so many bytes, with a comma each; the first always counts as one that does. */
export function countFitting(texts: readonly string[], space: number): number {
  let bytes = 0;
  for (const [index, text] of texts.entries()) {
    bytes += utf8Length(text) + 1;
    if (bytes > space) return Math.max(index, 1);
  }
  return texts.length;
}
