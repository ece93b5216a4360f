/* Samples of the queue's depth, and what happened meanwhile, for a span of time. */
import { get } from '../api/client';
import type { History, Pause, SettingsChange } from '../api/types';
import { plain } from '../lib/text';
import { W } from '../words';
import { jobList } from '../state/jobs';
import { pauses } from '../state/pauses';
import { href, hrefOf } from '../state/route';
import type { Mark } from './plot';
import { useOverTime } from './useOverTime';

export function useHistory(range: string) {
  const { value, changes } = useOverTime(range, 'depth', (span, signal) => get<History>('/history', span, signal));
  return { history: value, changes };
}

const seconds = (time: string): number => Math.floor(Date.parse(time) / 1000);

/* Where a pause began and, when it has, ended. */
const pauseMarks = (pause: Pause): Mark[] =>
  [
    { at: pause.since, text: W.chart.paused(plain(pause.key), pause.by) },
    ...(pause.ended ? [{ at: pause.ended, text: W.chart.resumed(plain(pause.key)) }] : []),
  ].map(({ at, text }): Mark => ({ at: seconds(at), kind: 'pause', text, href: hrefOf({ filter: pause.filter }) }));

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
    ...(pauses.value?.pauses ?? []).flatMap(pauseMarks),
  ];
}
