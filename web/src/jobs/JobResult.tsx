/* What became of each message of a job, by outcome. "Already gone" is neutral: another was quicker. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { aborted, get, problemIn } from '../api/client';
import type { Job, JobItem, Outcome, Problem as ProblemData } from '../api/types';
import { count } from '../lib/format';
import { hrefOf } from '../state/route';
import { Problem } from '../ui/Problem';
import { Sender, Text } from '../ui/Text';
import { W } from '../words';

const OUTCOMES: Outcome[] = ['done', 'held', 'gone', 'changed', 'refused', 'unknown', 'cancelled', 'undone', 'stopped', 'sent', 'planned'];

const NEW_ID_MS = 5000;

interface Page {
  items: JobItem[];
  next: string | null;
}

function useItems(job: Job, outcome: Outcome | '') {
  const items = useSignal<JobItem[]>([]);
  const next = useSignal<string | null>(null);
  const problem = useSignal<ProblemData | null>(null);
  const load = async (after: string | null, signal?: AbortSignal) => {
    try {
      const page = await get<Page>(`/jobs/${job.id}/items`, { outcome, limit: 100, after: after ?? undefined }, signal);
      items.value = after ? [...items.value, ...page.items] : page.items;
      next.value = page.next;
      problem.value = null;
    } catch (error) {
      if (!aborted(error)) problem.value = problemIn(error);
    }
  };
  const counts = JSON.stringify(job.counts);
  useEffect(() => {
    const stop = new AbortController();
    void load(null, stop.signal);
    return () => stop.abort();
  }, [job.id, outcome, counts]);
  /* A re-queued message gets its new ID when Postfix picks it up, up to a minute after the job has ended. */
  const waits = job.action === 'requeue' && items.value.some((item) => item.outcome === 'done' && item.new_id === null);
  useEffect(() => {
    if (!waits) return;
    const timer = setInterval(() => { if (document.visibilityState === 'visible') void load(null); }, NEW_ID_MS);
    return () => clearInterval(timer);
  }, [job.id, outcome, waits]);
  return { items, next, problem, more: () => void load(next.value) };
}

function ItemRow({ item }: { item: JobItem }) {
  return (
    <tr>
      <td><a class="id" href={hrefOf({ page: 'message', id: item.new_id ?? item.id })}>{item.id}</a>{item.new_id && <div class="muted">{W.jobs.nowIs} <code>{item.new_id}</code></div>}</td>
      <td><span class={`outcome ${item.outcome}`}>{W.outcome[item.outcome].name}</span>{item.detail && <div class="muted"><Text text={item.detail} /></div>}</td>
      <td>{item.sender === null ? <span class="muted">{W.none}</span> : <Sender address={item.sender} />}</td>
    </tr>
  );
}

export function JobResult({ job }: { job: Job }) {
  const outcome = useSignal<Outcome | ''>('');
  const { items, next, problem, more } = useItems(job, outcome.value);
  return (
    <section class="job-result" aria-label={W.jobs.result}>
      <div class="segments" role="group" aria-label={W.jobs.byOutcome}>
        <button type="button" aria-pressed={outcome.value === ''} onClick={() => { outcome.value = ''; }}>{W.jobs.all} {count(job.total)}</button>
        {OUTCOMES.filter((each) => job.counts[each] > 0).map((each) => (
          <button key={each} type="button" aria-pressed={outcome.value === each} onClick={() => { outcome.value = each; }}>{W.outcome[each].name} {count(job.counts[each])}</button>
        ))}
      </div>
      {outcome.value !== '' && <p class="muted small-text">{W.outcome[outcome.value].what}</p>}
      {problem.value && <Problem problem={problem.value} />}
      <table class="plain">
        <thead><tr><th scope="col">{W.columns.id}</th><th scope="col">{W.jobs.outcome}</th><th scope="col">{W.columns.sender}</th></tr></thead>
        <tbody>{items.value.map((item) => <ItemRow key={item.id} item={item} />)}</tbody>
      </table>
      {next.value && <button type="button" class="button small" onClick={more}>{W.jobs.more}</button>}
    </section>
  );
}
