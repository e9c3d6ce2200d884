/*
 * `ws` limits whole messages (`maxPayload`); API Gateway also limits single frames to 32 KB. So the raw bytes pass this
 * reader of frame headers (RFC 6455 section 5.2) on their way to `ws`. It only looks: it changes and keeps nothing.
 */
export interface FrameWatcher {
  readonly maximumFrameBytes: number;
  /** The frame that follows `completeMessages` complete data messages is too large. Said at most once. */
  tooLarge(completeMessages: number): void;
  /** A close frame arrived. */
  closing(): void;
}

const FINAL = 0x80;
const MASKED = 0x80;
const CLOSE = 0x08;
const LONGEST_HEADER = 14;

/** Returns a function to feed every chunk to, in order. */
export function createFrameInspector(watcher: FrameWatcher): (chunk: Buffer) => void {
  const header = Buffer.alloc(LONGEST_HEADER);
  let filled = 0; // bytes of the current header seen so far
  let payloadLeft = 0;
  let completeMessages = 0;
  let done = false;

  function frame(): void {
    const first = header.readUInt8(0);
    const opcode = first & 0x0f;
    payloadLeft = payloadLength(header);
    filled = 0;
    if (opcode === CLOSE) watcher.closing();
    if (opcode >= CLOSE) return; // control frames: `ws` checks that they are small
    if (payloadLeft > watcher.maximumFrameBytes) {
      done = true;
      watcher.tooLarge(completeMessages);
    } else if ((first & FINAL) !== 0) completeMessages += 1;
  }

  return (chunk) => {
    let at = 0;
    while (at < chunk.length && !done) {
      if (payloadLeft > 0) {
        const skipped = Math.min(payloadLeft, chunk.length - at);
        payloadLeft -= skipped;
        at += skipped;
        continue;
      }
      filled += chunk.copy(header, filled, at, at + 1);
      at += 1;
      if (filled >= 2 && filled === headerLength(header)) frame();
    }
  };
}

function headerLength(header: Buffer): number {
  const short = header.readUInt8(1) & 0x7f;
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  return 2 + extended + ((header.readUInt8(1) & MASKED) !== 0 ? 4 : 0);
}

function payloadLength(header: Buffer): number {
  const short = header.readUInt8(1) & 0x7f;
  if (short === 126) return header.readUInt16BE(2);
  return short === 127 ? Number(header.readBigUInt64BE(2)) : short;
}
