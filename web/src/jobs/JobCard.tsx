/* One job: bar, counts by outcome, rate and time left while it runs, Cancel, Undo. */
import { useSignal } from '@preact/signals';
import type { Job, Problem as ProblemData } from '../api/types';
import { ACTION_ICON } from '../actions/icons';
import { count, oneDecimal, secondsBetween, span } from '../lib/format';
import { now } from '../state/clock';
import { askToTakeBack } from '../state/actions';
import { canCancel, canUndo, cancelJob, settled, takenBackBy, takesBack, undoJob } from '../state/jobs';
import { href } from '../state/route';
import { mayAct } from '../state/session';
import { Icon } from '../ui/Icon';
import { Phrase } from '../ui/Phrase';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { Time } from '../ui/Time';
import { W } from '../words';
import { jobDrawerWords as J } from '../words/jobDrawer';

const SHOWN = ['done', 'held', 'gone', 'changed', 'refused', 'unknown', 'cancelled', 'undone', 'stopped', 'sent', 'planned'] as const;

/* Below this a speed would be written as 0.0 a second; the pace and the time left tell more. */
const SLOW = 0.05;

function Progress({ job }: { job: Job }) {
  const done = settled(job);
  if (job.state !== 'running' && job.state !== 'planned') return null;
  const facts = [
    J.jobs.ofTotal(done, job.total),
    job.speed !== null && job.speed >= SLOW && J.jobs.rate(oneDecimal(job.speed)),
    job.rate !== null && J.jobs.paced(job.rate),
    job.seconds_left !== null && J.jobs.left(span(job.seconds_left)),
  ];
  return (
    <>
      <progress value={done} max={Math.max(1, job.total)} aria-label={J.jobs.progress} />
      <p class="muted small-text">{facts.filter(Boolean).join(', ')}</p>
    </>
  );
}

const RESULTS = ['delivered', 'deferred', 'bounced', 'unknown'] as const;

/** What the attempts came to, as the log tells: something else than that Postfix was asked to make them. */
function Results({ job }: { job: Job }) {
  const { results } = job;
  if (!results || RESULTS.every((result) => results[result] === 0)) return null;
  return (
    <p class="small-text results">
      {J.jobs.results}{' '}
      {RESULTS.filter((result) => results[result] > 0).map((result) => (
        <span key={result} class={`result ${result}`}>
          <strong>{count(results[result])}</strong> {J.result[result]}
        </span>
      ))}
    </p>
  );
}

/** Where a paced retry went no further by itself, and what was said there. */
function Stopped({ job }: { job: Job }) {
  if (job.stopped_destinations.length === 0) return null;
  return (
    <ul class="stopped">
      {job.stopped_destinations.map((each) => (
        <li key={each.destination} class="notice warning small-text">
          <Icon name="circle-pause" />
          <div class="notice-text">
            <p>
              <Phrase
                text={J.jobs.stopped(each.untried)}
                parts={{
                  destination: (
                    <strong>
                      <Text text={each.destination} />
                    </strong>
                  ),
                }}
              />
            </p>
            <p class="muted">
              <Text text={each.reply} />
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}

function Counts({ job }: { job: Job }) {
  return (
    <ul class="outcomes">
      {SHOWN.filter((outcome) => job.counts[outcome] > 0).map((outcome) => (
        <li key={outcome} class={`outcome ${outcome}`} title={J.outcome[outcome].what}>
          <strong>{count(job.counts[outcome])}</strong> {J.outcome[outcome].name}
        </li>
      ))}
    </ul>
  );
}

function Buttons({ job, onProblem }: { job: Job; onProblem: (problem: ProblemData | null) => void }) {
  if (!mayAct.value) return null;
  const undo = canUndo(job, now.value);
  const back = takesBack(job, now.value);
  return (
    <div class="actions">
      {undo && (
        <button type="button" class="button small" onClick={async () => onProblem(await undoJob(job))}>
          <Icon name="undo-2" /> {W.undo} <span class="muted">{J.jobs.undoLeft(span(secondsBetween(now.value, job.undo_until!)))}</span>
        </button>
      )}
      {back && (
        <button
          type="button"
          class="button small"
          title={`${W.actions[back].what} ${W.actions[back].command}`}
          onClick={async () => onProblem(await askToTakeBack(job, back))}
        >
          <Icon name="undo-2" /> {W.undo} <span class="muted">{J.jobs.undo[back]}</span>
        </button>
      )}
      {canCancel(job) && (
        <button type="button" class="button small" onClick={async () => onProblem(await cancelJob(job))}>
          <Icon name="ban" /> {J.jobs.cancel}
        </button>
      )}
    </div>
  );
}

export function JobCard({ job, linked }: { job: Job; linked?: boolean }) {
  const problem = useSignal<ProblemData | null>(null);
  const by = takenBackBy(job);
  const title = W.jobs.title(job.id, W.actions[job.action].name, job.total);
  return (
    <article class={`card job ${job.state}`}>
      <h3>
        <Icon name={ACTION_ICON[job.action]} /> {linked ? <a href={href({ jobs: String(job.id) })}>{title}</a> : title}
        <span class={`job-state ${job.state}`}>{J.jobs.state[job.state]}</span>
      </h3>
      <p class="muted small-text">
        <Time at={job.created} />, <Text text={job.by} />
        {job.filter && (
          <>
            ,{' '}
            <Phrase
              text={J.jobs.filter}
              parts={{
                filter: (
                  <a href={href({ page: 'queue', filter: job.filter })}>
                    <code>
                      <Text text={job.filter} />
                    </code>
                  </a>
                ),
              }}
            />
          </>
        )}
      </p>
      {job.note && (
        <p class="small-text">
          <Text text={job.note} />
        </p>
      )}
      {job.undoes !== null && (
        <p class="small-text">
          <Phrase text={J.jobs.undoes} parts={{ job: <a href={href({ jobs: String(job.undoes) })}>{J.jobs.number(job.undoes)}</a> }} />
        </p>
      )}
      {by && (
        <p class="small-text">
          <Phrase text={J.jobs.undoneBy} parts={{ job: <a href={href({ jobs: String(by.id) })}>{J.jobs.number(by.id)}</a> }} />
        </p>
      )}
      <Progress job={job} />
      <Counts job={job} />
      <Results job={job} />
      <Stopped job={job} />
      {job.reloads > 0 && <p class="muted small-text">{J.jobs.reloaded(job.reloads)}</p>}
      {job.problem && (
        <p class="notice warning">
          <Icon name="triangle-alert" /> <Text text={job.problem} />
        </p>
      )}
      <Buttons
        job={job}
        onProblem={(found) => {
          problem.value = found;
        }}
      />
      {problem.value && <Problem problem={problem.value} />}
    </article>
  );
}
