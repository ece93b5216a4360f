/*
 * What can be pressed on an incident. Each acts on all that its filter matches, by view, preview and job as ever. What has
 * been done already is told by the jobs, so that it is the same after a reload and for everybody who looks.
 */
import { signal } from '@preact/signals';
import { problemIn } from '../api/client';
import type { Action, Incident, Job, Pause, PauseKind, Problem } from '../api/types';
import { askAfter, askFlush, askForFilter, askToTakeBack, heldOf } from './actions';
import { canUndo, isOpen, jobList, takenBackBy, undoJob } from './jobs';
import { askPause, openPauses, type PauseSubject } from './pauses';
import { goTo, hrefOf } from './route';
import { mayAct, mayFlush, mayPause, maySet } from './session';

export type Press = Incident['actions'][number];

/* Messages a minute to each destination: what no provider calls a burst. */
const GENTLE = 30;

/** Why the last press on an incident failed; it stands beside that incident. */
export const pressProblem = signal<{ id: string; problem: Problem } | null>(null);

async function attempt(id: string, work: () => Promise<unknown>): Promise<void> {
  pressProblem.value = null;
  try {
    const problem = await work();
    if (problem) pressProblem.value = { id, problem: problem as Problem };
  } catch (error) {
    pressProblem.value = { id, problem: problemIn(error) };
  }
}

/* These are about the whole host. All others act on what the filter matches: without one, on nothing, never on all. */
const WITHOUT_FILTER: ReadonlySet<Press> = new Set(['flush', 'lifetime', 'help', 'pause']);

export const canPress = ({ filter, actions }: Pick<Incident, 'filter' | 'actions'>, what: Press): boolean =>
  actions.includes(what) && (filter !== null || WITHOUT_FILTER.has(what));

/** Whether who is signed in may do it; all but these is an action on messages. */
export function mayPress(what: Press): boolean {
  const may = { flush: mayFlush, lifetime: maySet, pause: mayPause }[what as string] ?? mayAct;
  return may.value;
}

/* What a pause of an incident's subject is of. */
const PAUSE_KIND: Partial<Record<NonNullable<Incident['subject']['kind']>, PauseKind>> = {
  recipient_domain: 'domain',
  remote_host: 'provider',
  provider: 'provider',
  sender: 'sender',
  login: 'login',
};

function subjectOf({ subject }: Pick<Incident, 'subject'>): PauseSubject | null {
  const kind = subject.kind === null ? undefined : PAUSE_KIND[subject.kind];
  return kind && subject.key !== null ? { kind, key: subject.key } : null;
}

function holdBack(incident: Pick<Incident, 'subject'>): void {
  const subject = subjectOf(incident);
  askPause(subject ? [subject] : []);
}

/** The pauses in force that hold back what an incident is about. */
export function pausesOf(incident: Pick<Incident, 'subject'>): Pause[] {
  const subject = subjectOf(incident);
  if (!subject) return [];
  return openPauses.value.filter(
    ({ kind, key, domains }) =>
      (kind === subject.kind && key === subject.key) || (kind === 'provider' && subject.kind === 'domain' && domains.includes(subject.key)),
  );
}

export function press(incident: Pick<Incident, 'id' | 'filter' | 'actions' | 'subject'>, what: Press): void {
  const { id, filter } = incident;
  if (!canPress(incident, what)) return;
  if (what === 'flush') askFlush();
  else if (what === 'lifetime') goTo(hrefOf({ page: 'settings' }));
  else if (what === 'pause') holdBack(incident);
  else if (what === 'help') goTo(hrefOf({ page: 'incident', id }));
  else if (what === 'retry_gently') void attempt(id, () => askForFilter('retry', filter!, { rate: GENTLE }));
  else void attempt(id, () => askForFilter(what, filter!));
}

/* A job of before the incident is about other mail, though the filter may be the same. */
const isAbout = (job: Job, { filter, since }: Pick<Incident, 'filter' | 'since'>): boolean =>
  filter !== null && (job.filter === filter || job.filter === heldOf(filter)) && Date.parse(job.created) >= Date.parse(since);

const stands = (job: Job): boolean => (isOpen(job) || job.counts.done > 0) && !takenBackBy(job);

const latest = (incident: Pick<Incident, 'filter' | 'since'>, action: Action): Job | undefined =>
  jobList.value.find((job) => job.action === action && isAbout(job, incident) && stands(job));

/** What was done to an incident's mail and can be gone on from, or taken back. */
export function doneTo(incident: Pick<Incident, 'filter' | 'since'>, now: number): { held?: Job; deleting?: Job } {
  const held = latest(incident, 'hold');
  const deleted = latest(incident, 'delete');
  if (deleted && (!held || deleted.id > held.id)) return canUndo(deleted, now) ? { deleting: deleted } : {};
  return held ? { held } : {};
}

/** How many a hold has on hold. */
export const heldCount = (job: Job): number => (isOpen(job) ? job.total : job.counts.done);

export const deleteHeld = (id: string, job: Job): void => void attempt(id, () => askAfter('delete', job));
export const releaseHeld = (id: string, job: Job): void => void attempt(id, () => askToTakeBack(job, 'release'));
export const bringBack = (id: string, job: Job): void => void attempt(id, () => undoJob(job));
