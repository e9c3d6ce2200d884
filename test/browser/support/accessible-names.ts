import type { Page } from 'playwright-core';

interface Node {
  readonly role?: { readonly value: string };
  readonly name?: { readonly value: string };
  readonly ignored: boolean;
  readonly properties?: readonly { readonly name: string; readonly value: { readonly value?: unknown } }[];
}

export interface Control {
  readonly role: string;
  readonly name: string;
}

/** Everything that can have the focus, as the browser tells assistive technology. */
export async function controls(page: Page): Promise<readonly Control[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = (await session.send('Accessibility.getFullAXTree')) as unknown as {
    nodes: readonly Node[];
  };
  return nodes
    .filter(
      ({ ignored, properties = [] }) =>
        !ignored && properties.some(({ name, value }) => name === 'focusable' && value.value === true),
    )
    .map(({ role, name }) => ({ role: role?.value ?? '', name: name?.value ?? '' }));
}
