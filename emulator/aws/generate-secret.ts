/** AWS::SecretsManager::Secret GenerateSecretString, with the defaults of the GetRandomPassword operation. */
import { randomInt } from 'node:crypto';

export interface GenerateSecretString {
  /** Default 32. */
  readonly PasswordLength?: number;
  readonly ExcludeCharacters?: string;
  readonly ExcludeLowercase?: boolean;
  readonly ExcludeNumbers?: boolean;
  readonly ExcludePunctuation?: boolean;
  readonly ExcludeUppercase?: boolean;
  readonly IncludeSpace?: boolean;
  /** Default true: at least one character of every kind that is not excluded. */
  readonly RequireEachIncludedType?: boolean;
  /** A JSON object; the value goes in under GenerateStringKey. */
  readonly SecretStringTemplate?: string;
  readonly GenerateStringKey?: string;
}

const LOWER_CASE = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

export function generateSecret(rules: GenerateSecretString): string {
  const password = generatePassword(rules);
  const { SecretStringTemplate, GenerateStringKey } = rules;
  if (SecretStringTemplate === undefined || GenerateStringKey === undefined) return password;
  return JSON.stringify({ ...(JSON.parse(SecretStringTemplate) as object), [GenerateStringKey]: password });
}

function generatePassword(rules: GenerateSecretString): string {
  const kinds = [
    rules.ExcludeLowercase ? '' : LOWER_CASE,
    rules.ExcludeUppercase ? '' : LOWER_CASE.toUpperCase(),
    rules.ExcludeNumbers ? '' : DIGITS,
    rules.ExcludePunctuation ? '' : PUNCTUATION,
    rules.IncludeSpace ? ' ' : '',
  ]
    .map((kind) => kind.split('').filter((character) => !(rules.ExcludeCharacters ?? '').includes(character)))
    .filter((kind) => kind.length > 0);
  const all = kinds.flat();
  if (all.length === 0) throw new Error('GenerateSecretString excludes every character');
  const required = rules.RequireEachIncludedType === false ? [] : kinds.map(pick);
  const length = rules.PasswordLength ?? 32;
  if (required.length > length)
    throw new Error(
      `GenerateSecretString: ${length} characters cannot hold one of each of ${required.length} types`,
    );
  const rest = Array.from({ length: length - required.length }, () => pick(all));
  return shuffle([...required, ...rest]).join('');
}

function pick(characters: readonly string[]): string {
  return characters[randomInt(characters.length)] ?? '';
}

function shuffle(items: string[]): string[] {
  for (let index = items.length - 1; index > 0; index--) {
    const other = randomInt(index + 1);
    [items[index], items[other]] = [items[other] ?? '', items[index] ?? ''];
  }
  return items;
}
