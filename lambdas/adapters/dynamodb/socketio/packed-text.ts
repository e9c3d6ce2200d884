import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Text, or deflated text where that is shorter. Every KB of a session row costs another unit of each write to it. */
export type PackedText = string | Uint8Array;

const WORTHWHILE_BYTES = 128;

/**
 * What the headers of a first request mostly say (deflate finds strings near the end at the lowest price). Packed rows
 * live as long as a session, and an older release may read them: never change it without another mark in the row.
 */
const DICTIONARY = Buffer.from(
  [
    '"cookie":"","authorization":"Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.","referer":"https://',
    '"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"',
    '"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"',
    '"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0"',
    '"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"',
    '"sec-ch-ua":"\\"Chromium\\";v=\\"126\\", \\"Google Chrome\\";v=\\"126\\", \\"Not-A.Brand\\";v=\\"8\\"","sec-ch-ua-mobile":"?0","sec-ch-ua-platform":"\\"Windows\\""',
    '"sec-fetch-dest":"empty","sec-fetch-mode":"cors","sec-fetch-site":"same-origin","content-length":"0","content-type":"text/plain;charset=UTF-8"',
    '"via":"2.0 .cloudfront.net (CloudFront)","x-amz-cf-id":"","x-amzn-trace-id":"Root=1-","x-forwarded-port":"443","x-forwarded-proto":"https","x-forwarded-for":"',
    '"sec-websocket-extensions":"permessage-deflate; client_max_window_bits","sec-websocket-version":"13","sec-websocket-key":"',
    '"pragma":"no-cache","cache-control":"no-cache","connection":"Upgrade","upgrade":"websocket"',
    '"accept":"*/*","accept-encoding":"gzip, deflate, br, zstd","accept-language":"en-US,en;q=0.9","user-agent":"',
    '.execute-api.eu-west-1.amazonaws.com","origin":"https://',
    '},"query":{"EIO":"4","transport":"polling","t":""},"url":"/socket.io/?EIO=4&transport=websocket","address":"","secure":true,"issued":17',
    '{"headers":{"host":"',
  ].join(','),
);

export function packText(text: string): PackedText {
  const bytes = Buffer.from(text);
  if (bytes.length < WORTHWHILE_BYTES) return text;
  const packed = deflateRawSync(bytes, { dictionary: DICTIONARY });
  return packed.length < bytes.length ? packed : text;
}

export function unpackText(packed: PackedText): string {
  return typeof packed === 'string' ? packed : inflateRawSync(packed, { dictionary: DICTIONARY }).toString();
}
