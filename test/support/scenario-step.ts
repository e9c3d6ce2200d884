import type { Causeway } from './causeway.ts';

/** Does something, and fails when anything went wrong by it. */
export type Step = <T>(name: string, action: () => Promise<T>) => Promise<T>;

/** Real time after which a step that is still waiting has failed. */
const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 10;

/**
 * A step fails when a client is told of a failure, and also, at once, when the emulator saw one that no client can see: what
 * happens in the background fails silently on AWS. The error names the step and what the emulator saw. With `settled` a step
 * waits for all that it set off, which takes for ever while a long poll is held.
 */
export function stepsOf(causeway: Causeway, { settled }: { readonly settled: boolean }): Step {
  return async (name, action) => {
    try {
      const result = await unlessFailing(causeway, action());
      if (settled) await unlessFailing(causeway, causeway.quiet());
      if (failures(causeway).length > 0) throw new Error('something failed behind it');
      return result;
    } catch (error) {
      const saw = [...failures(causeway), ...warnings(causeway)].join('\n');
      throw new Error(`step "${name}" failed: ${(error as Error).message}\n${saw}`, { cause: error });
    }
  };
}

/** Fails when the API's route, `<api> <route key>`, runs no function meanwhile. */
export async function onRoute<T>(causeway: Causeway, label: string, action: () => Promise<T>): Promise<T> {
  const before = invocations(causeway, label);
  const outcome = await action().then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  const isUnused = invocations(causeway, label) === before;
  if (isUnused) throw new Error(`no function ran on route ${label}`, { cause: outcome });
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}

function invocations(causeway: Causeway, label: string): number {
  return causeway.meter().events[label]?.lambdaInvocations ?? 0;
}

/** Nobody need wait for an answer that will not come. */
async function unlessFailing<T>(causeway: Causeway, action: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = Date.now() + PATIENCE_MS;
  const failing = new Promise<never>((_resolve, reject) => {
    timer = setInterval(() => {
      if (failures(causeway).length > 0) reject(new Error('something failed behind it'));
      else if (Date.now() > deadline) reject(new Error(`nothing happened for ${PATIENCE_MS} ms`));
    }, LOOK_EVERY_MS);
  });
  return Promise.race([action, failing]).finally(() => clearInterval(timer));
}

/** What went wrong where no client looks: refused calls, errors in logs. This is where a permission or variable is named. */
export function failures(causeway: Causeway): string[] {
  const denied = causeway
    .permissions()
    .denied.map((entry) => `denied: ${entry.functionName} ${entry.action} on ${entry.resource}`);
  return [...new Set([...denied, ...logged(causeway, 'error')])];
}

function warnings(causeway: Causeway): string[] {
  return logged(causeway, 'warn');
}

function logged(causeway: Causeway, level: 'error' | 'warn'): string[] {
  return causeway.logs
    .filter((entry) => entry.level === level)
    .map((entry) => `${entry.source}: ${entry.message} ${JSON.stringify(entry.fields ?? {}, withoutStack)}`);
}

function withoutStack(key: string, value: unknown): unknown {
  return key === 'stack' ? undefined : value;
}
