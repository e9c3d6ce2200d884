/** Shapes of payloads, read from what documents show (types, examples, lists of fields) and from JSON Schemas, to compare them. */

/** Undefined: the document names the field and says no more of it. */
export type Shape = string | Fields | undefined;
export interface Field {
  readonly optional: boolean;
  readonly shape: Shape;
}
export type Fields = { readonly [name: string]: Field };

/** `{ id: string, sender: { _id, email? } }`, `{ "user_id": 5 }`, `{ chatId: 'uuid' } // comment`, `true`, `message`. */
export function readShape(text: string): Shape {
  return new Reader(text.replaceAll(/\/\/.*$/gm, '')).value();
}

class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  value(): Shape {
    if (this.skip('{')) return this.fields();
    return typeOf(this.take(/'[^']*'|"[^"]*"|[^,;{}<]*(?:<[^>]*>)?/y).trim());
  }

  private fields(): Fields {
    const fields: Record<string, Field> = {};
    while (!this.skip('}')) {
      const name = this.take(/["']?\w+["']?/y).replaceAll(/["']/g, '');
      if (name === '') throw new Error(`No field at: ${this.text.slice(this.at, this.at + 40)}`);
      const optional = this.skip('?');
      fields[name] = { optional, shape: this.skip(':') ? this.value() : undefined };
      if (!this.skip(',')) this.skip(';');
    }
    return fields;
  }

  private skip(token: string): boolean {
    this.take(/\s*/y);
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  private take(pattern: RegExp): string {
    this.skipSpace();
    pattern.lastIndex = this.at;
    const taken = pattern.exec(this.text)?.[0] ?? '';
    this.at += taken.length;
    return taken;
  }

  private skipSpace(): void {
    while (/\s/.test(this.text.charAt(this.at))) this.at += 1;
  }
}

function typeOf(text: string): Shape {
  if (/^(['"`]|string$)/.test(text)) return 'string';
  if (/^(true|false|boolean)$/.test(text)) return 'boolean';
  if (/^(\d+|number)$/.test(text)) return 'number';
  if (text.startsWith('Record<')) return 'object';
  return undefined;
}

interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: { readonly [name: string]: JsonSchema };
  readonly required?: readonly string[];
}

/** The shape that a JSON Schema of this project's tables describes. */
export function shapeOf({ type, const: literal, anyOf, properties, required = [] }: JsonSchema): Shape {
  if (properties !== undefined) {
    return Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => [
        name,
        { optional: !required.includes(name), shape: shapeOf(schema) },
      ]),
    );
  }
  if (anyOf !== undefined) return anyOf.map(({ type }) => type).join(' or ');
  return literal === undefined ? type : typeof literal;
}

/** Where what is implemented falls short of what a document shows: fields that are missing or of another type. */
export function differences(documented: Shape, implemented: Shape, path = 'payload'): readonly string[] {
  if (documented === undefined) return [];
  if (typeof documented === 'string') {
    const kind = typeof implemented === 'object' ? 'object' : (implemented ?? 'anything');
    return kind.split(' or ').includes(documented) ? [] : [`${path} is ${kind}, not ${documented}`];
  }
  if (typeof implemented !== 'object') return [`${path} has no fields`];
  return Object.entries(documented).flatMap(([name, field]) => {
    const own = implemented[name];
    if (own === undefined) return [`${path}.${name} is missing`];
    return differences(field.shape, own.shape, `${path}.${name}`);
  });
}

/** Fields that a complete description in a document does not have, at every level that it shows, or has with another `?`. */
export function undocumented(documented: Shape, implemented: Shape, path = 'payload'): readonly string[] {
  if (typeof documented !== 'object' || typeof implemented !== 'object') return [];
  return Object.entries(implemented).flatMap(([name, own]) => {
    const field = documented[name];
    if (field === undefined) return [`${path}.${name}`];
    const wrong =
      field.optional === own.optional ? [] : [`${path}.${name} (${own.optional ? 'optional' : 'required'})`];
    return [...wrong, ...undocumented(field.shape, own.shape, `${path}.${name}`)];
  });
}
