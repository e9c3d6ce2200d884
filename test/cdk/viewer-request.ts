import { runInNewContext } from 'node:vm';

/** What CloudFront hands to a viewer-request function (AWS "CloudFront Functions event structure"). */
export interface ViewerRequest {
  readonly method: string;
  readonly uri: string;
  readonly querystring: Readonly<Record<string, { readonly value: string }>>;
  readonly headers: Readonly<Record<string, { readonly value: string }>>;
}

/** Runs a function's code as CloudFront does: one script with a `handler`, `cf` for its only import, nothing else. */
export function viewerRequest(code: string): {
  run(request: ViewerRequest): unknown;
  /** Origins the last run selected. */
  origins(): readonly string[];
} {
  let selected: string[] = [];
  const cf = { selectRequestOriginById: (id: string) => selected.push(id) };
  const script = code.replace(/^import cf from 'cloudfront';$/m, '');
  if (script === code) throw new Error('the function imports no helper');
  return {
    run(request) {
      selected = [];
      // As JSON, in and out: objects of another realm don't compare.
      const event = JSON.stringify({ version: '1.0', request });
      const result = runInNewContext(`${script}\nJSON.stringify(handler(${event}))`, { cf }) as string;
      return JSON.parse(result);
    },
    origins: () => selected,
  };
}
