/**
 * In which order one function instance told things. An instance serves one event after another, so what an earlier one told was
 * told before what a later one told, however close together; only of two instances nobody knows. Whoever comes back is helped
 * by that (docs/decisions/0013).
 */
export interface Turns {
  /** Marks one thing that `work` tells. */
  take(work: object): string;
  /** Everything that `work` had to tell has been told. */
  end(work: object): void;
}

/** `instance`: tells it from every other; no dots. */
export function createTurns(instance: string): Turns {
  let last = 0;
  /** Work that has not ended, with its first turn. */
  const open = new Map<object, number>();
  return {
    take(work) {
      last += 1;
      const first = open.get(work) ?? last;
      open.set(work, first);
      // All turns before those of work that goes on.
      const done = Math.min(...open.values()) - 1;
      return [instance, first, last, done].map(numeral).join('.');
    },
    end: (work) => void open.delete(work),
  };
}

/** Whether what has the one mark had been told when that with the other one began. */
export function wasBefore(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  const [instance, work, turn = 0] = parse(one);
  const [otherInstance, otherWork, otherTurn = 0, done = 0] = parse(other);
  if (instance !== otherInstance) return false;
  // One piece of work tells each recipient things in the order of its calls.
  return turn <= done || (work === otherWork && turn < otherTurn);
}

function parse(mark: string): readonly [instance: string, ...turns: number[]] {
  const [instance = '', ...turns] = mark.split('.');
  return [instance, ...turns.map((turn) => Number.parseInt(turn, 36))];
}

function numeral(part: string | number): string {
  return typeof part === 'number' ? part.toString(36) : part;
}
