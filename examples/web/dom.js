/**
 * An element with properties and children. Strings become text nodes, so nothing anybody writes is ever read as markup.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [properties] `data-*`, `aria-*`, `role`, `for` are set as attributes, `on*` as listeners
 * @param {...(Node | string | undefined | false)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) set(node, name, value);
  node.append(...children.filter((child) => child !== undefined && child !== false));
  return node;
}

/** @param {HTMLElement} node @param {string} name @param {unknown} value */
function set(node, name, value) {
  if (value === undefined) return;
  if (name.startsWith('on')) node.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
  else if (/^(data-|aria-|role$|for$)/.test(name))
    node.setAttribute(name, `${/** @type {string | number} */ (value)}`);
  else Object.assign(node, { [name]: value });
}

/**
 * A labelled text field. The hint, if any, is read with it.
 *
 * @param {{ id: string, label: string, hint?: string } & Record<string, unknown>} field further members are the input's
 */
export function field({ id, label, hint, ...properties }) {
  const input = element('input', { id, ...properties, ...(hint && { 'aria-describedby': `${id}-hint` }) });
  const node = element(
    'div',
    { className: 'field' },
    element('label', { for: id }, label),
    input,
    hint !== undefined && element('p', { id: `${id}-hint`, className: 'hint' }, hint),
  );
  return { node, input };
}

/** Says something to people who don't see the page. @param {string} text */
export function announce(text) {
  const announcer = document.getElementById('announcer');
  if (announcer) announcer.textContent = text;
}
