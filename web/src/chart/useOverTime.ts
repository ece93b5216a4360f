/* What is read of a span of time, with the settings changes in it; read again every minute or so. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { aborted, problemIn } from '../api/client';
import type { Problem, SettingsChange } from '../api/types';
import { readSettingsChanges } from '../state/settingsChanges';
import { isPreset, spanOf } from './range';

const AGAIN_MS = 60_000;
const POINTS = 600;
const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** The parameters that say a span to the server. */
export interface SpanQuery extends Record<string, string | number> {
  from: string;
  to: string;
  points: number;
}

/** `key` says what is read: when it changes, what was read before is forgotten. */
export function useOverTime<T>(range: string, key: string, read: (span: SpanQuery, signal: AbortSignal) => Promise<T>) {
  const value = useSignal<T | null>(null);
  const changes = useSignal<SettingsChange[]>([]);
  const problem = useSignal<Problem | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    const load = async () => {
      const { from, to } = spanOf(range, Date.now());
      try {
        value.value = await read({ from: iso(from), to: iso(to), points: POINTS }, stop.signal);
        changes.value = await readSettingsChanges(stop.signal);
        problem.value = null;
      } catch (error) {
        if (!aborted(error)) problem.value = problemIn(error);
      }
    };
    value.value = null;
    void load();
    const timer = setInterval(() => {
      if (isPreset(range) && document.visibilityState === 'visible') void load();
    }, AGAIN_MS);
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, [range, key]);
  return { value, changes, problem };
}
