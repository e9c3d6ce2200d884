import type { MailStore } from '../../ports/mail.ts';
import type { State } from './state.ts';

export function createMailStore({ bags }: State): MailStore {
  return {
    async take(bag, { name, at, until }) {
      const row = bags.get(bag);
      if (row?.finished === true) return { outcome: 'done' };
      if (row !== undefined && row.run !== name && row.until >= at) return { outcome: 'busy' };
      const { from = 0, to = 0 } = row ?? {};
      bags.set(bag, { run: name, until, from, to, finished: false });
      return { outcome: 'taken', from, to };
    },
    async note(bag, run, { from, to }) {
      const row = bags.get(bag);
      if (row?.run !== run) return 'lost';
      bags.set(bag, { ...row, from, to });
      return 'noted';
    },
    async finish(bag, run) {
      const row = bags.get(bag);
      if (row?.run === run) bags.set(bag, { ...row, finished: true });
    },
  };
}
