import type { ErrorInfo } from '../../lambdas/domain/errors.ts';
import { disclose } from '../../lambdas/wire/json/disclosure.ts';

/** The same in every vocabulary. What an error says of our insides is replaced. */
export function sayError({ error }: { readonly error: ErrorInfo }): readonly ['error', { message: string }] {
  return ['error', { message: disclose(error).message }];
}
