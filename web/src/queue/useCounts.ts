/* Numbers that follow the queue: read at once, again at a bounded rate while it changes, and never under a hand. */
import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { aborted, get, problemIn } from '../api/client';
import type { Problem } from '../api/types';
import { onEvent, paused } from '../state/live';

const LEAST_INTERVAL_MS = 5000;
const SHARE = 20; /* one that the server needs long for is asked for less often */

type Query = Record<string, string | number | undefined>;

export interface Counts<T> {
  found: Signal<T | null>;
  problem: Signal<Problem | null>;
}

/**
 * Reads `/groups` by a query. What was found stands until its successor is here. `merge` gets both, and may keep the old
 * one's order. Without a query nothing is read.
 */
export function useCounts<T extends { generation: number }>(query: Query | null, merge?: (old: T, next: T) => T): Counts<T> {
  const found = useSignal<T | null>(null);
  const problem = useSignal<Problem | null>(null);
  const key = JSON.stringify(query);
  useEffect(() => {
    if (!query) return;
    const stop = new AbortController();
    let fresh = true;
    let last = 0;
    let cost = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async () => {
      const started = Date.now();
      try {
        const next = await get<T>('/groups', query, stop.signal);
        found.value = !fresh && merge && found.value ? merge(found.value, next) : next;
        fresh = false;
        problem.value = null;
      } catch (error) {
        if (!aborted(error)) problem.value = problemIn(error);
      } finally {
        timer = undefined;
        last = Date.now();
        cost = last - started;
      }
    };
    timer = setTimeout(load, 0);
    const off = onEvent('queue', (summary) => {
      if (timer !== undefined || paused.value || document.visibilityState === 'hidden' || summary.generation === found.value?.generation)
        return;
      timer = setTimeout(load, Math.max(0, last + Math.max(LEAST_INTERVAL_MS, cost * SHARE) - Date.now()));
    });
    return () => {
      off();
      clearTimeout(timer);
      stop.abort();
    };
  }, [key]);
  return { found, problem };
}
