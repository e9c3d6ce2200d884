import type { MeterReport } from '../types.ts';

/** `3 messages in · 12 out · 8 invocations · 4 reads · 2 writes · this run would have cost $0.0000123` */
export function statusText({ total, cost }: MeterReport): string {
  return [
    `${total.messagesIn} messages in`,
    `${total.messagesOut} out`,
    `${total.httpRequests} requests`,
    `${total.lambdaInvocations} invocations`,
    `${round(total.readUnits)} read units`,
    `${round(total.writeUnits)} write units`,
    `this run would have cost ${dollars(cost.usd)}`,
  ].join(' · ');
}

/** Three significant digits, without an exponent. */
export function dollars(usd: number): string {
  if (usd === 0) return '$0';
  const digits = Math.max(2, 2 - Math.floor(Math.log10(usd)));
  return `$${usd.toFixed(Math.min(digits, 12))}`;
}

function round(units: number): string {
  return String(Math.round(units * 10) / 10);
}
