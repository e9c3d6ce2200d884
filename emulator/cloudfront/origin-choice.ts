import type { Distribution, Origin } from './model.ts';
import type { Header } from './viewer-request.ts';

/** The origin a request goes to, as the function may have changed it. */
export interface ChosenOrigin extends Origin {
  /** Sent as Host, whatever the origin request policy says. */
  readonly hostHeader?: string;
}

/** `import cf from 'cloudfront'` ("Helper methods for origin modification"): the subset that chooses among APIs. */
export class OriginChoice {
  #origin: ChosenOrigin;
  readonly #distribution: Distribution;
  readonly helpers: object;

  constructor(distribution: Distribution, origin: Origin) {
    this.#distribution = distribution;
    this.#origin = origin;
    const unsupported = (name: string) => () => {
      throw new Error(`the emulator doesn't know cf.${name}`);
    };
    this.helpers = {
      selectRequestOriginById: (...args: unknown[]) => this.#select(...args),
      updateRequestOrigin: (change: unknown) => this.#update(change),
      createRequestOriginGroup: unsupported('createRequestOriginGroup'),
      kvs: unsupported('kvs'),
    };
  }

  get origin(): ChosenOrigin {
    return this.#origin;
  }

  #select(id?: unknown, overrides?: unknown): void {
    const origin = this.#distribution.origins.get(String(id));
    if (!origin) throw new Error(`the distribution has no origin "${String(id)}"`);
    if (overrides !== undefined) throw new Error("the emulator doesn't know overrides of a selected origin");
    this.#origin = origin;
  }

  /** "Any setting that you don't specify inherits its value from the assigned origin's configuration." */
  #update(change: unknown): void {
    if (typeof change !== 'object' || change === null) throw new Error('updateRequestOrigin needs an object');
    const unknown = Object.keys(change).find((name) => !Object.hasOwn(SETTINGS, name));
    if (unknown !== undefined)
      throw new Error(`the emulator doesn't know "${unknown}" of updateRequestOrigin`);
    const settings = Object.entries(change).map(([name, value]) => SETTINGS[name]?.(value));
    this.#origin = Object.assign({ ...this.#origin }, ...settings) as ChosenOrigin;
  }
}

type Setting = (value: unknown) => Partial<ChosenOrigin>;

const SETTINGS: Readonly<Record<string, Setting>> = {
  domainName: (value) => ({ host: text('domainName', value) }),
  hostHeader: (value) => ({ hostHeader: text('hostHeader', value) }),
  originPath: (value) => ({ path: text('originPath', value) }),
  customHeaders: (value) => ({
    headers: Object.entries(value as object).map(([name, each]): Header => [name, text(name, each)]),
  }),
  connectionAttempts: (value) => ({ attempts: Number(value) }),
  timeouts: (value) => {
    const { readTimeout } = value as { readTimeout?: number };
    return readTimeout === undefined ? {} : { readTimeoutMs: readTimeout * 1000 };
  },
  /** API Gateway is reached by https on port 443 and needs no more. */
  customOriginConfig: (value) => {
    const { protocol = 'https', port = 443 } = value as { protocol?: unknown; port?: unknown };
    if (protocol !== 'https' || port !== 443)
      throw new Error('API Gateway is reached by https on port 443 only');
    return {};
  },
  originAccessControlConfig: (value) => {
    if ((value as { enabled?: unknown }).enabled !== false)
      throw new Error("the emulator doesn't know origin access control");
    return {};
  },
  sni: () => ({}),
};

function text(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new Error(`${name} must be a string`);
  return value;
}
