/* What became of each message of a job, by outcome or by what the mail log told. "Already gone" is neutral: another was quicker. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { aborted, get, problemIn } from '../api/client';
import type { Job, JobItem, Outcome, Problem as ProblemData, Result } from '../api/types';
import { term } from '../lib/filter';
import { count } from '../lib/format';
import { plain } from '../lib/text';
import { hrefOf } from '../state/route';
import { Icon } from '../ui/Icon';
import { Phrase } from '../ui/Phrase';
import { Problem } from '../ui/Problem';
import { Sender, senderText, Text } from '../ui/Text';
import { Value } from '../ui/Value';
import { W } from '../words';
import { jobDrawerWords as J } from '../words/jobDrawer';

const OUTCOMES: Outcome[] = ['done', 'held', 'gone', 'changed', 'refused', 'unknown', 'cancelled', 'undone', 'stopped', 'sent', 'planned'];

const RESULTS: Result[] = ['delivered', 'deferred', 'bounced', 'unknown'];

/** Which messages are listed: all, of one outcome, or of one result. */
interface Choice {
  outcome?: Outcome;
  result?: Result;
}

const NEW_ID_MS = 5000;
const PAGE = 100;

interface Page {
  items: JobItem[];
  next: string | null;
}

/** One page of a job's messages at a time: there may be a million. `starts` are the places where the pages so far began. */
function useItems(job: Job, { outcome, result }: Choice) {
  const page = useSignal<Page | null>(null);
  const starts = useSignal<(string | null)[]>([null]);
  const problem = useSignal<ProblemData | null>(null);
  const start = starts.value.at(-1) ?? null;
  const load = async (signal?: AbortSignal) => {
    try {
      page.value = await get<Page>(`/jobs/${job.id}/items`, { outcome, result, limit: PAGE, after: start ?? undefined }, signal);
      problem.value = null;
    } catch (error) {
      if (!aborted(error)) problem.value = problemIn(error);
    }
  };
  const changes = JSON.stringify([job.counts, job.results]);
  useEffect(() => {
    starts.value = [null];
  }, [job.id, outcome, result]);
  useEffect(() => {
    const stop = new AbortController();
    void load(stop.signal);
    return () => stop.abort();
  }, [job.id, outcome, result, changes, start]);
  /* A re-queued message gets its new ID when Postfix picks it up, up to a minute after the job has ended. */
  const waits = job.action === 'requeue' && (page.value?.items ?? []).some((item) => item.outcome === 'done' && item.new_id === null);
  useEffect(() => {
    if (!waits) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void load();
    }, NEW_ID_MS);
    return () => clearInterval(timer);
  }, [job.id, outcome, result, waits, start]);
  return { page, starts, problem };
}

function ItemRow({ item }: { item: JobItem }) {
  return (
    <tr>
      <td>
        <a class="id" href={hrefOf({ page: 'message', id: item.new_id ?? item.id })}>
          {item.id}
        </a>
        {item.new_id && (
          <div class="muted">
            <Phrase text={J.jobs.nowIs} parts={{ id: <code>{item.new_id}</code> }} />
          </div>
        )}
        {item.sender !== null && (
          <div class="muted">
            <Value term={term('from', item.sender, true)} label={senderText(item.sender)}>
              <Sender address={item.sender} />
            </Value>
          </div>
        )}
      </td>
      <td>
        <span class={`outcome ${item.outcome}`}>{J.outcome[item.outcome].name}</span>
        {item.result && <span class={`result ${item.result}`}>, {J.result[item.result]}</span>}
        {[item.detail, item.reply].map(
          (text) =>
            text && (
              <div class="muted reply" key={text} title={plain(text)}>
                <Text text={text} />
              </div>
            ),
        )}
      </td>
    </tr>
  );
}

function Choices({ job, chosen, onChoose }: { job: Job; chosen: Choice; onChoose: (choice: Choice) => void }) {
  const results = RESULTS.filter((each) => (job.results?.[each] ?? 0) > 0);
  return (
    <>
      <div class="segments" role="group" aria-label={J.jobs.byOutcome}>
        <button type="button" aria-pressed={!chosen.outcome && !chosen.result} onClick={() => onChoose({})}>
          {J.jobs.all} {count(job.total)}
        </button>
        {OUTCOMES.filter((each) => job.counts[each] > 0).map((each) => (
          <button key={each} type="button" aria-pressed={chosen.outcome === each} onClick={() => onChoose({ outcome: each })}>
            {J.outcome[each].name} {count(job.counts[each])}
          </button>
        ))}
      </div>
      {results.length > 0 && (
        <div class="segments" role="group" aria-label={J.jobs.byResult}>
          {results.map((each) => (
            <button key={each} type="button" aria-pressed={chosen.result === each} onClick={() => onChoose({ result: each })}>
              {J.result[each]} {count(job.results![each])}
            </button>
          ))}
        </div>
      )}
      {chosen.outcome && <p class="muted small-text">{J.outcome[chosen.outcome].what}</p>}
      {chosen.result && <p class="muted small-text">{J.resultWhat[chosen.result]}</p>}
    </>
  );
}

export function JobResult({ job }: { job: Job }) {
  const chosen = useSignal<Choice>({});
  const { page, starts, problem } = useItems(job, chosen.value);
  const at = starts.value.length - 1;
  return (
    <section class="job-result" aria-label={J.jobs.result}>
      <Choices
        job={job}
        chosen={chosen.value}
        onChoose={(choice) => {
          chosen.value = choice;
        }}
      />
      {problem.value && <Problem problem={problem.value} />}
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">{J.jobs.message}</th>
            <th scope="col">{J.jobs.outcome}</th>
          </tr>
        </thead>
        <tbody>
          {(page.value?.items ?? []).map((item) => (
            <ItemRow key={item.id} item={item} />
          ))}
        </tbody>
      </table>
      {(at > 0 || page.value?.next) && (
        <nav class="pager" aria-label={J.jobs.pages}>
          <button
            type="button"
            class="button small"
            disabled={at === 0}
            onClick={() => {
              starts.value = starts.value.slice(0, -1);
            }}
          >
            <Icon name="chevron-left" /> {W.previous}
          </button>
          <span>{J.jobs.fromTo(at * PAGE + 1, at * PAGE + (page.value?.items.length ?? 0))}</span>
          <button
            type="button"
            class="button small"
            disabled={!page.value?.next}
            onClick={() => {
              starts.value = [...starts.value, page.value!.next];
            }}
          >
            {W.next} <Icon name="chevron-right" />
          </button>
        </nav>
      )}
    </section>
  );
}
