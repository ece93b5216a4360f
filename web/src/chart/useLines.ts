/* The lines of the chart for a span of time and a choice, read again every minute. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { aborted, get, problemIn } from '../api/client';
import type { History, HistorySample, Problem, QueueSummary, Series, SettingsChange } from '../api/types';
import { summary } from '../state/live';
import { type Choice, type Lines, MOST_LINES, queueLines, seriesLines, textOf, totalLines, WHATS } from './lines';
import { isPreset, spanOf } from './range';

const AGAIN_MS = 60_000;
const POINTS = 600;
const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** The samples, and the present as one more where the span ends now. */
function withNow(samples: HistorySample[], now: QueueSummary | null, range: string): HistorySample[] {
  if (!now?.as_of || !isPreset(range) || samples.length === 0) return samples;
  return [...samples, { at: now.as_of, ...now.counts }];
}

async function read({ what, by }: Choice, range: string, signal: AbortSignal): Promise<Lines> {
  const { from, to } = spanOf(range, Date.now());
  const span = { from: iso(from), to: iso(to), points: POINTS };
  if (by === 'queue' && what === 'depth') {
    const history = await get<History>('/history', span, signal);
    return queueLines(withNow(history.samples, summary.peek(), range), history.step);
  }
  if (by === 'queue') {
    const results = WHATS.filter((each) => each !== 'depth');
    return totalLines(await Promise.all(results.map((each) => get<Series>('/series', { ...span, by: 'total', what: each }, signal))), what);
  }
  return seriesLines(await get<Series>('/series', { ...span, by, what, limit: MOST_LINES }, signal), by);
}

export function useLines(choice: Choice, range: string) {
  const lines = useSignal<Lines | null>(null);
  const changes = useSignal<SettingsChange[]>([]);
  const problem = useSignal<Problem | null>(null);
  const chosen = textOf(choice);
  useEffect(() => {
    const stop = new AbortController();
    const load = async () => {
      try {
        lines.value = await read(choice, range, stop.signal);
        changes.value = (await get<{ changes: SettingsChange[] }>('/settings/changes', { limit: 50 }, stop.signal)).changes;
        problem.value = null;
      } catch (error) {
        if (!aborted(error)) problem.value = problemIn(error);
      }
    };
    lines.value = null;
    void load();
    const timer = setInterval(() => {
      if (isPreset(range) && document.visibilityState === 'visible') void load();
    }, AGAIN_MS);
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, [range, chosen, summary.value !== null]);
  return { lines, changes, problem };
}
