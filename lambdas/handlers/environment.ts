/**
 * The environment, read and checked while a function starts: a wrong deployment fails its first request with the variable's name
 * in the log instead of failing later in words of somebody else. Functions, not one object, so that a bundle holds only what it reads.
 */
import type { BridgeOptions } from '../../compat/index.ts';
import type { ExternalIssuer } from '../adapters/auth/issuers.ts';
import { parseIssuers } from '../adapters/auth/issuers.ts';
import type { ThrottleLimits } from '../app/deps.ts';
import type { EnvironmentKey } from '../manifest/environment.ts';
import { type ChatSettings, DIALECTS } from '../manifest/dialects.ts';
import { ENV } from '../manifest/environment.ts';
import {
  ACCOUNT,
  type ClientLimits,
  FAN_OUT,
  LIMITS,
  PRESENCE,
  type PresenceSettings,
  THROTTLE,
} from '../manifest/limits.ts';

export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly variable: EnvironmentKey;

  constructor(variable: EnvironmentKey, expected: string) {
    super(`Environment variable ${variable} ${expected}`);
    this.variable = variable;
  }
}

export function tableName(): string {
  return required(ENV.table);
}

/** https://{api-id}.execute-api.{region}.amazonaws.com/{stage} */
export function nativeCallbackUrl(): string {
  return requiredUrl(ENV.nativeCallbackUrl);
}

/** https://{api-id}.execute-api.{region}.amazonaws.com/{stage} */
export function socketIoCallbackUrl(): string {
  return requiredUrl(ENV.socketIoCallbackUrl);
}

/** Name of the function that sends OPEN to a fresh WebSocket. */
export function openFunction(): string {
  return required(ENV.openFunction);
}

/** Name of the function that tells crowds. */
export function fanOutFunction(): string {
  return required(ENV.fanOutFunction);
}

/** How many recipients an invocation tells itself. */
export function fanOutDirect(): number {
  return integer(ENV.fanOutDirect, { fallback: FAN_OUT.direct, min: 0, max: 10_000 });
}

/** What this deployment's CloudFront distribution sends with every request. */
export function edgeKey(): string {
  return required(ENV.edgeKey);
}

/** Written by `lib` from the checked configuration, so that only a deployment that does not fit this code fails here. */
export function socketIoOptions(): BridgeOptions {
  const options = json(ENV.socketIoOptions) as Partial<BridgeOptions> | null | undefined;
  const numbers = [
    options?.heartbeat?.pingIntervalMs,
    options?.heartbeat?.pingTimeoutMs,
    options?.limits?.connectTimeoutMs,
    options?.limits?.maxPayloadBytes,
    options?.recovery === undefined ? 1 : options.recovery.windowMs,
  ];
  if (!numbers.every((number) => Number.isInteger(number)) || !Array.isArray(options?.cors?.origins)) {
    throw new EnvironmentError(
      ENV.socketIoOptions,
      'must be a JSON object: { heartbeat, limits, recovery?, cors }',
    );
  }
  return options as BridgeOptions;
}

/** Written by `lib` from the checked configuration, as socketIoOptions. */
export function chatSettings(): ChatSettings {
  const settings = json(ENV.chat) as Partial<ChatSettings> | null | undefined;
  const { namespaces, lobby } = settings ?? {};
  const isLobby = lobby === undefined || (typeof lobby === 'string' && lobby !== '');
  if (typeof namespaces === 'object' && namespaces !== null && isLobby)
    if (Object.values(namespaces).every(isVocabularies)) return settings as ChatSettings;
  throw new EnvironmentError(ENV.chat, 'must be a JSON object: { namespaces, lobby? }');
}

function isVocabularies(names: unknown): boolean {
  const known: readonly unknown[] = DIALECTS;
  return Array.isArray(names) && names.every((name) => known.includes(name));
}

/** Who is told who comes and goes; what is not overridden stays as in manifest/limits.ts. */
export function presenceSettings(): PresenceSettings {
  const { roomLimit = PRESENCE.roomLimit.default } = (json(ENV.presence) ?? {}) as Partial<PresenceSettings>;
  if (Number.isInteger(roomLimit) && roomLimit >= 0) return { roomLimit };
  throw new EnvironmentError(ENV.presence, 'must be a JSON object: { roomLimit }');
}

/** https URL of the queue for what is done later. */
export function laterQueueUrl(): string {
  return requiredUrl(ENV.laterQueue);
}

export function logLevel(): string | undefined {
  return optional(ENV.logLevel);
}

export interface TokenSources {
  /** Secret of the built-in issuer; absent when it is off. */
  readonly secretArn?: string;
  readonly issuers: readonly ExternalIssuer[];
}

/** Who may issue tokens. Nobody would mean that nobody can ever connect: refused. */
export function tokenSources(): TokenSources {
  const secretArn = optional(ENV.jwtSecretArn);
  const issuers = externalIssuers();
  if (secretArn === undefined && issuers.length === 0) {
    throw new EnvironmentError(
      ENV.jwtSecretArn,
      `or ${ENV.issuers} must be set: without either, no token is valid`,
    );
  }
  return { issuers, ...(secretArn === undefined ? {} : { secretArn }) };
}

export function tokenTtlSeconds(): number {
  return integer(ENV.tokenTtlSeconds, {
    fallback: ACCOUNT.tokenTtlSeconds,
    min: 60,
    max: 366 * 24 * 60 * 60,
  });
}

/** log2 of scrypt's N; adapters/auth/password.ts believes no stored hash above 17. */
export function scryptLogN(): number {
  return integer(ENV.scryptLogN, { fallback: 15, min: 1, max: 17 });
}

/** Default: none, so no other origin's page may call. */
export function corsOrigins(): readonly string[] {
  const origins = json(ENV.corsOrigins) ?? [];
  if (!Array.isArray(origins) || !origins.every((origin) => typeof origin === 'string')) {
    throw new EnvironmentError(ENV.corsOrigins, 'must be a JSON array of origins, or ["*"]');
  }
  return origins;
}

/** What is not overridden stays as in manifest/limits.ts. */
export function throttleLimits(): ThrottleLimits {
  const overrides = json(ENV.throttle) ?? {};
  if (typeof overrides !== 'object' || overrides === null || !Object.entries(overrides).every(isLimit)) {
    throw new EnvironmentError(
      ENV.throttle,
      `must be a JSON object of positive whole numbers: ${Object.keys(THROTTLE).join(', ')}`,
    );
  }
  return { ...THROTTLE, ...overrides };
}

/** What clients may do; what is not overridden stays as in manifest/limits.ts. */
export function clientLimits(): ClientLimits {
  const overrides = json(ENV.limits) ?? {};
  if (
    typeof overrides !== 'object' ||
    overrides === null ||
    !Object.entries(overrides).every(isClientLimit)
  ) {
    throw new EnvironmentError(
      ENV.limits,
      `must be a JSON object of positive numbers and { perSecond, burst }: ${Object.keys(LIMITS).join(', ')}`,
    );
  }
  return { ...LIMITS, ...overrides };
}

function isClientLimit([name, value]: readonly [string, unknown]): boolean {
  if (!Object.hasOwn(LIMITS, name)) return false;
  if (typeof LIMITS[name as keyof typeof LIMITS] === 'number') return isPositive(value);
  const { perSecond, burst } = (value ?? {}) as { readonly perSecond?: unknown; readonly burst?: unknown };
  return isPositive(perSecond) && isPositive(burst);
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && value > 0;
}

function isLimit([name, value]: readonly [string, unknown]): boolean {
  return Object.hasOwn(THROTTLE, name) && Number.isInteger(value) && (value as number) > 0;
}

function externalIssuers(): readonly ExternalIssuer[] {
  const text = optional(ENV.issuers);
  try {
    return parseIssuers(text);
  } catch {
    throw new EnvironmentError(
      ENV.issuers,
      'must be a JSON array of { issuer, audience, jwksUri?, jwks?, algorithms? }',
    );
  }
}

function requiredUrl(variable: EnvironmentKey): string {
  const url = required(variable);
  if (!URL.canParse(url)) throw new EnvironmentError(variable, 'must be a URL');
  return url;
}

function required(variable: EnvironmentKey): string {
  const value = optional(variable);
  if (value === undefined) throw new EnvironmentError(variable, 'must be set');
  return value;
}

/**
 * `lib` sets every variable that a function reads, the empty text meaning "the default". One that is missing altogether is a
 * deployment that does not fit this code, and is refused by name.
 */
function optional(variable: EnvironmentKey): string | undefined {
  const value = process.env[variable];
  if (value === undefined) throw new EnvironmentError(variable, 'must be set');
  return value.trim() === '' ? undefined : value.trim();
}

function integer(variable: EnvironmentKey, range: { fallback: number; min: number; max: number }): number {
  const text = optional(variable);
  const value = text === undefined ? range.fallback : Number(text);
  if (Number.isInteger(value) && value >= range.min && value <= range.max) return value;
  throw new EnvironmentError(variable, `must be a whole number from ${range.min} to ${range.max}`);
}

function json(variable: EnvironmentKey): unknown {
  const text = optional(variable);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new EnvironmentError(variable, 'must be JSON');
  }
}
