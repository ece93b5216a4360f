/* Samples of the queue's depth, and what happened meanwhile, for a span of time. */
import { get } from '../api/client';
import type { History, SettingsChange } from '../api/types';
import { W } from '../words';
import { jobList } from '../state/jobs';
import { href, hrefOf } from '../state/route';
import type { Mark } from './plot';
import { useOverTime } from './useOverTime';

export function useHistory(range: string) {
  const { value, changes } = useOverTime(range, 'depth', (span, signal) => get<History>('/history', span, signal));
  return { history: value, changes };
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
