/*
 * Saves what others may be changing too. It is written on top of what was read when the typing began; where that is not
 * what is stored any more the service refuses, nothing typed is lost, and the changes of the others can be taken over.
 */
import { useSignal } from '@preact/signals';
import { problemIn } from '../api/client';
import type { Problem } from '../api/types';

export interface Saving<T> {
  /** What is written on top of. */
  base: T;
  /** As it was before the changes of others were taken over; null: they were not. */
  before: T | null;
  busy: boolean;
  problem: Problem | null;
  changed: boolean;
  /** Writes, and gives what is stored now; null where it was refused. */
  save: (write: (base: T) => Promise<T>) => Promise<T | null>;
  takeOver: () => Promise<void>;
}

export function useSave<T>(first: T, read: () => Promise<T>): Saving<T> {
  const base = useSignal(first);
  const before = useSignal<T | null>(null);
  const busy = useSignal(false);
  const problem = useSignal<Problem | null>(null);
  const attempt = async (work: () => Promise<T>): Promise<T | null> => {
    busy.value = true;
    try {
      const now = await work();
      problem.value = null;
      return now;
    } catch (error) {
      problem.value = problemIn(error);
      return null;
    } finally {
      busy.value = false;
    }
  };
  return {
    base: base.value,
    before: before.value,
    busy: busy.value,
    problem: problem.value,
    changed: problem.value?.code === 'alerts_changed',
    save: (write) => attempt(() => write(base.value)),
    takeOver: async () => {
      const now = await attempt(read);
      if (now === null) return;
      before.value ??= base.value;
      base.value = now;
    },
  };
}
