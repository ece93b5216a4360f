/* What happened since somebody looked last. It stays until he has read it. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { aborted, get, problemIn } from '../api/client';
import type { Incidents } from '../api/types';
import { span, when } from '../lib/format';
import { type Happened, happened } from '../lib/looked';
import { now } from '../state/clock';
import { incidents } from '../state/incidents';
import { jobList } from '../state/jobs';
import { haveRead, lookedAt } from '../state/looked';
import { hrefOf } from '../state/route';
import { readSettingsChanges } from '../state/settingsChanges';
import { Icon } from '../ui/Icon';
import { W } from '../words';
import { lookedWords as L } from '../words/sinceLooked';
import { type Line, Lines } from './LastHour';

/* Of a kind, by name; the rest is counted. */
const NAMED = 3;

function linesOf(all: Happened): Line[] {
  const incident = (id: string) => hrefOf({ page: 'incident', id });
  const { jobs } = all;
  return [
    ...all.fresh.map(({ id, title }) => ({ text: L.fresh(title), link: incident(id) })),
    ...all.grown.map(({ incident: { id, title }, by }) => ({ text: L.grown(title, by), link: incident(id) })),
    ...all.cleared.map(({ id, title }) => ({ text: L.cleared(title), link: incident(id) })),
    ...(all.passed.length > 0 ? [{ text: L.passed(all.passed.length), link: null }] : []),
    ...jobs.slice(0, NAMED).map((job) => ({
      text: L.job(job.by, W.actions[job.action].name, job.total),
      link: hrefOf({ jobs: String(job.id) }),
    })),
    ...(jobs.length > NAMED ? [{ text: L.moreJobs(jobs.length - NAMED), link: hrefOf({ jobs: 'all' }) }] : []),
    ...all.settings.slice(0, NAMED).map((change) => ({ text: L.settings(change.by), link: hrefOf({ page: 'settings' }) })),
    ...(all.started ? [{ text: L.started(when(all.started, now.value)), link: null }] : []),
  ];
}

function useHappened(since: number) {
  const lines = useSignal<Line[] | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    const load = async () => {
      const [all, changes] = await Promise.all([
        get<Incidents>('/incidents', { state: 'all', since: new Date(since).toISOString() }, stop.signal),
        readSettingsChanges(stop.signal),
      ]);
      const known = {
        incidents: all.incidents,
        jobs: jobList.peek(),
        settings: changes,
        postfixSince: incidents.peek()?.summary.postfix_since ?? null,
      };
      lines.value = linesOf(happened(since, Date.now(), known));
    };
    load().catch((error: unknown) => {
      if (!aborted(error)) lines.value = [{ text: problemIn(error).detail, link: null }];
    });
    return () => stop.abort();
  }, [since, incidents.value?.incidents.length, jobList.value.length]);
  return lines.value;
}

export function SinceLooked() {
  const since = lookedAt.value ?? now.value;
  const lines = useHappened(since);
  if (lines === null) return null;
  return (
    <>
      <button type="button" class="button small quiet" aria-label={L.read} title={L.read} onClick={haveRead}>
        <Icon name="check" />
      </button>
      <Lines name={L.since(span((now.value - since) / 1000))} lines={lines.length > 0 ? lines : [{ text: L.nothing, link: null }]} />
    </>
  );
}
