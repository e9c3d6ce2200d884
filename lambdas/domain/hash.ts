/**
 * 53 bits of a text, spread evenly: cyrb53 (bryc, public domain), a pair of multiplicative mixes with a murmur3 finish.
 * Not cryptographic: for spreading and for ids that need not be secret. Pure code has no node:crypto.
 */
export function hash53(text: string): { readonly high21: number; readonly low32: number } {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    a = Math.imul(a ^ unit, 2_654_435_761);
    b = Math.imul(b ^ unit, 1_597_334_677);
  }
  const low = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909);
  const high = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  return { high21: (high >>> 0) & 0x1f_ff_ff, low32: low >>> 0 };
}

export function hash32(text: string): number {
  return hash53(text).low32;
}
