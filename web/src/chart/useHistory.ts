/* Samples of the queue's depth, and what happened meanwhile, for a span of time; read again every minute or so. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { aborted, get, problemIn } from '../api/client';
import type { History, Problem, SettingsChange } from '../api/types';
import { W } from '../words';
import { jobList } from '../state/jobs';
import { href, hrefOf } from '../state/route';
import type { Mark } from './plot';
import { isPreset, spanOf } from './range';

const AGAIN_MS = 60_000;
const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

export function useHistory(range: string) {
  const history = useSignal<History | null>(null);
  const changes = useSignal<SettingsChange[]>([]);
  const problem = useSignal<Problem | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    const load = async () => {
      const { from, to } = spanOf(range, Date.now());
      try {
        history.value = await get<History>('/history', { from: iso(from), to: iso(to), points: 600 }, stop.signal);
        changes.value = (await get<{ changes: SettingsChange[] }>('/settings/changes', { limit: 50 }, stop.signal)).changes;
        problem.value = null;
      } catch (error) {
        if (!aborted(error)) problem.value = problemIn(error);
      }
    };
    void load();
    const timer = setInterval(() => {
      if (isPreset(range) && document.visibilityState === 'visible') void load();
    }, AGAIN_MS);
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, [range]);
  return { history, changes, problem };
}

const seconds = (time: string): number => Math.floor(Date.parse(time) / 1000);

export function marksOf(changes: SettingsChange[]): Mark[] {
  return [
    ...jobList.value.map((job): Mark => ({
      at: seconds(job.created),
      kind: 'job',
      text: W.jobs.title(job.id, W.actions[job.action].name, job.total),
      href: href({ jobs: String(job.id) }),
    })),
    ...changes.map((change): Mark => ({
      at: seconds(change.created),
      kind: 'settings',
      text: W.chart.changed(change.by),
      href: hrefOf({ page: 'settings' }),
    })),
  ];
}
