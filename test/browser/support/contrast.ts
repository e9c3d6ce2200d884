import type { Page } from 'playwright-core';

export interface Text {
  readonly text: string;
  readonly ratio: number;
  /** What WCAG 2.2, success criterion 1.4.3 (AA), asks of text of its size and weight. */
  readonly wanted: number;
}

/** Contrast of every visible text with what it stands on, placeholders left out. */
export function contrasts(page: Page): Promise<readonly Text[]> {
  return page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
    // Any colour the browser computes, as bytes.
    const bytes = (color: string) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data] as [number, number, number, number];
    };
    const over = (front: number[], back: number[]) => {
      const alpha = front[3]! / 255;
      return [0, 1, 2].map((index) => front[index]! * alpha + back[index]! * (1 - alpha)).concat(255);
    };
    const behind = (node: Element | null): number[] => {
      if (node === null) return [255, 255, 255, 255];
      const color = bytes(getComputedStyle(node).backgroundColor);
      return color[3] === 255 ? color : over(color, behind(node.parentElement));
    };
    const luminance = (color: number[]) => {
      const [r, g, b] = color.slice(0, 3).map((byte) => {
        const value = byte / 255;
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    };
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode.textContent!.trim();
      const parent = walker.currentNode.parentElement!;
      if (text === '' || !parent.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
        continue;
      if (parent.closest('.unseen, :disabled, noscript, .skip') !== null) continue;
      const style = getComputedStyle(parent);
      const back = behind(parent);
      const lights = [luminance(over(bytes(style.color), back)), luminance(back)].toSorted((a, b) => b - a);
      const size = Number.parseFloat(style.fontSize);
      const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      found.push({ text, ratio: (lights[0]! + 0.05) / (lights[1]! + 0.05), wanted: isLarge ? 3 : 4.5 });
    }
    return found;
  });
}
