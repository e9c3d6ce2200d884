import type { Bundle, BundleInput } from './bundle-functions.ts';

/** Bytes per npm package (our own source counts as `causeway`), largest first. */
export function packageBytes(bundle: Bundle): readonly BundleInput[] {
  const totals = new Map<string, number>();
  for (const { path, bytes } of bundle.inputs) {
    const name = packageOf(path);
    totals.set(name, (totals.get(name) ?? 0) + bytes);
  }
  return [...totals].map(([path, bytes]) => ({ path, bytes })).toSorted((a, b) => b.bytes - a.bytes);
}

/** The package a module belongs to: `node_modules/@scope/name/…` → `@scope/name`. */
export function packageOf(path: string): string {
  const inside = path.split('node_modules/').at(-1);
  if (inside === undefined || inside === path) return 'causeway';
  return inside
    .split('/')
    .slice(0, inside.startsWith('@') ? 2 : 1)
    .join('/');
}
