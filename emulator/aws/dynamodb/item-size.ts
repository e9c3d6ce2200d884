/** Sizes as DynamoDB counts them for capacity and limits (Developer Guide, "DynamoDB Item sizes and formats"). */
import type { AttributeValue, Item } from './engine.ts';

const KB = 1024;

export function itemSize(item: Item): number {
  let size = 0;
  for (const name in item) size += Buffer.byteLength(name) + valueSize(item[name] ?? {});
  return size;
}

/** One write unit per started KB; an item that doesn't exist costs one. */
export function writeUnits(item: Item | undefined): number {
  return item === undefined ? 1 : Math.max(1, Math.ceil(itemSize(item) / KB));
}

function valueSize(value: AttributeValue): number {
  for (const type in value) return typedSize(type, value[type]);
  return 0;
}

function typedSize(type: string, value: unknown): number {
  switch (type) {
    case 'S':
      return Buffer.byteLength(value as string);
    case 'N':
      return numberSize(value as string);
    case 'B':
      return Buffer.byteLength(value as string, 'base64');
    case 'SS':
    case 'NS':
    case 'BS':
      return sum(value as readonly string[], (element) => typedSize(type.charAt(0), element));
    case 'L':
      return 3 + sum(value as readonly AttributeValue[], (element) => 1 + valueSize(element));
    case 'M':
      return 3 + Object.keys(value as Item).length + itemSize(value as Item);
    default:
      return 1;
  }
}

/** "Approximately (length of attribute name) + (1 byte per two significant digits) + (1 byte)". */
function numberSize(text: string): number {
  const digits = text
    .replace(/e.*$/i, '')
    .replace(/[-+.]/g, '')
    .replace(/^0+|0+$/g, '');
  return 1 + Math.ceil(digits.length / 2) + (text.startsWith('-') ? 1 : 0);
}

function sum<T>(elements: readonly T[], size: (element: T) => number): number {
  return elements.reduce((total, element) => total + size(element), 0);
}
