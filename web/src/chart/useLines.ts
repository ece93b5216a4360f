/* The lines of the chart for a span of time and a choice. */
import { get } from '../api/client';
import type { History, HistorySample, QueueSummary, Series } from '../api/types';
import { summary } from '../state/live';
import { type Choice, type Lines, MOST_LINES, queueLines, seriesLines, textOf, totalLines, WHATS } from './lines';
import { isPreset } from './range';
import { type SpanQuery, useOverTime } from './useOverTime';

/** The samples, and the present as one more where the span ends now. */
function withNow(samples: HistorySample[], now: QueueSummary | null, range: string): HistorySample[] {
  if (!now?.as_of || !isPreset(range) || samples.length === 0) return samples;
  return [...samples, { at: now.as_of, ...now.counts }];
}

async function read({ what, by }: Choice, range: string, span: SpanQuery, signal: AbortSignal): Promise<Lines> {
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
  const key = `${textOf(choice)} ${summary.value !== null}`;
  const { value, changes, problem } = useOverTime(range, key, (span, signal) => read(choice, range, span, signal));
  return { lines: value, changes, problem };
}
