import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFrameInspector } from '../../../emulator/apigateway/websocket/frame-inspector.ts';

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
type Sent = { payload: number; fin: boolean; opcode: number };

/** RFC 6455 section 5.2, masked as clients do it. */
function bytes({ payload, fin, opcode }: Sent): Buffer {
  const first = (fin ? 0x80 : 0) | opcode;
  const length =
    payload < 126
      ? Buffer.from([0x80 | payload])
      : payload < 65_536
        ? Buffer.from([0xfe, 0, 0])
        : Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 0]);
  if (length.length === 3) length.writeUInt16BE(payload, 1);
  if (length.length === 9) length.writeBigUInt64BE(BigInt(payload), 1);
  return Buffer.concat([Buffer.from([first]), length, Buffer.from('mask'), Buffer.alloc(payload, 0xff)]);
}

function inspect(chunks: readonly Buffer[], maximumFrameBytes = 100) {
  const found: { tooLarge: number[]; closings: number } = { tooLarge: [], closings: 0 };
  const feed = createFrameInspector({
    maximumFrameBytes,
    tooLarge: (after) => found.tooLarge.push(after),
    closing: () => (found.closings += 1),
  });
  for (const chunk of chunks) feed(chunk);
  return found;
}

test('counts complete messages in front of the frame that is too large, however the bytes are cut', () => {
  const small = fc.record({
    payload: fc.integer({ min: 0, max: 100 }),
    fin: fc.boolean(),
    opcode: fc.constantFrom(TEXT, 0, PING),
  });
  fc.assert(
    fc.property(
      fc.array(small, { maxLength: 8 }),
      fc.integer({ min: 101, max: 70_000 }),
      fc.array(fc.integer({ min: 1, max: 40 })),
      (before, size, cuts) => {
        const frames = before.map((frame) => ({ ...frame, fin: frame.opcode === PING || frame.fin }));
        const all = Buffer.concat([...frames, { payload: size, fin: true, opcode: TEXT }].map(bytes));
        const chunks: Buffer[] = [];
        let at = 0;
        for (const cut of cuts) chunks.push(all.subarray(at, (at += cut)));
        chunks.push(all.subarray(at));
        const complete = frames.filter(({ opcode, fin }) => opcode !== PING && fin).length;
        expect(inspect(chunks)).toEqual({ tooLarge: [complete], closings: 0 });
      },
    ),
  );
});

test('sees a close frame, and nothing wrong in frames that fit', () => {
  const chunk = Buffer.concat([
    bytes({ payload: 100, fin: true, opcode: TEXT }),
    bytes({ payload: 2, fin: true, opcode: CLOSE }),
  ]);
  expect(inspect([chunk])).toEqual({ tooLarge: [], closings: 1 });
});
