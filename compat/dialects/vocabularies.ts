import type { ChatSettings } from '../../lambdas/manifest/dialects.ts';
import { dialects } from './dialects.ts';
import type { Vocabulary } from './vocabulary.ts';
import { createVocabulary } from './vocabulary.ts';

/** The vocabulary of each namespace that has one; the others belong to the team's own application. */
export function vocabulariesOf({ namespaces }: ChatSettings): ReadonlyMap<string, Vocabulary> {
  return new Map(
    Object.entries(namespaces).map(([nsp, ids]) => [nsp, createVocabulary(ids.map((id) => dialects[id]))]),
  );
}
