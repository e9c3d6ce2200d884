/**
 * Brings a list's elements in line with its items, keeping what is there already: a screen reader hears only what is new,
 * and the focus stays where it is.
 *
 * @template Item
 * @param {HTMLElement} parent
 * @param {readonly Item[]} items
 * @param {{ key: (item: Item) => string, create: (item: Item) => HTMLElement, update?: (node: HTMLElement, item: Item) => void }} list
 */
export function keyedList(parent, items, { key, create, update }) {
  const focused = document.activeElement;
  const known = new Map(
    [...parent.children].map((node) => [/** @type {HTMLElement} */ (node).dataset['key'], node]),
  );
  let next = parent.firstElementChild;
  for (const item of items) {
    const id = key(item);
    const node = /** @type {HTMLElement} */ (known.get(id) ?? create(item));
    known.delete(id);
    node.dataset['key'] = id;
    update?.(node, item);
    if (node === next) next = next.nextElementSibling;
    else parent.insertBefore(node, next);
  }
  for (const node of known.values()) node.remove();
  if (focused instanceof HTMLElement && parent.contains(focused)) focused.focus();
}
