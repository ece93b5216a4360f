/*
 * From a wish to a job: what an action is about, how much asking it needs, and the dialog's state.
 * Friction follows risk: what can be taken back runs at once; what cannot, and anything on all that match, is summed up
 * first; more than ten deleted or returned, or all that match where it cannot be taken back, wants the number typed.
 */
import { computed, signal } from '@preact/signals';
import { get, post, problemIn } from '../api/client';
import type { Action, Job, Preview, Problem, Target, View } from '../api/types';
import { withTerm } from '../lib/filter';
import { W } from '../words';
import { createJob, type JobOptions, OPPOSITE, stopped, undoJob } from './jobs';
import { asking, marked, selection, unmarkAll } from './marks';
import { go } from './route';
import { countOf, type Selection, targetOf } from './selection';
import { say, type Toast } from './toasts';

export interface Question {
  action: Action;
  target: Target;
  /** How many messages it was asked for. */
  count: number;
  /** All that match a filter, not messages picked one by one. */
  all: boolean;
  /** The marks that it was asked for; they stay while a next step is offered. */
  marks?: Selection;
  /** What the dialog begins with. */
  options?: JobOptions;
}

export type Friction = 'none' | 'confirm' | 'type';

const MANY_DELETED = 10;
/* A hold and a release take each other back; a retry asks for no more than Postfix does by itself. */
const MILD = new Set<Action>(['hold', 'release', 'retry']);

export function frictionOf(action: Action, count: number, all: boolean): Friction {
  if (all) return MILD.has(action) ? 'confirm' : 'type';
  if (action === 'delete' || action === 'bounce') return count > MANY_DELETED ? 'type' : 'confirm';
  if (action === 'requeue') return 'confirm';
  return 'none';
}

/** What usually comes next, for the same messages. */
export const NEXT_STEP: Partial<Record<Action, Action>> = { hold: 'delete', release: 'retry', retry: 'hold' };

/** What was just done to the marks that still stand: whoever did it is offered the next step. */
const done = signal<{ action: Action; count: number; marks: Selection } | null>(null);
export const justDone = computed(() => (done.value?.marks === selection.value ? done.value : null));

/** Views that jobs were about, for a next step on exactly the same messages. */
const viewOfJob = new Map<number, string>();

export const question = signal<Question | null>(null);
export const flushAsked = signal(false);
/** Why the last action without a question failed; it stands in the bar of actions. */
export const actionProblem = signal<{ action: Action; problem: Problem } | null>(null);

/** What a toast offers: to take back what can be taken back, else to see what becomes of it. */
function wayBack(job: Job): Toast['action'] {
  const opposite = OPPOSITE[job.action];
  if (opposite) return { label: W.undo, run: () => void takeBack(job, opposite) };
  if (job.action === 'delete' && job.undo_seconds) return { label: W.undo, run: () => void undoDelete(job) };
  return { label: W.jobs.show, run: () => go({ jobs: String(job.id) }, true) };
}

/**
 * Runs a job; afterwards the selection it was about stays where there is a next step for it, else it is let go.
 * `possible`: what the preview said it can do something to.
 */
export async function run(asked: Question, possible: number, options: JobOptions = {}): Promise<void> {
  const job = await createJob(asked.action, asked.target, options);
  const atOnce = asked.action === 'delete' && !job.undo_seconds;
  say(atOnce ? W.deletingAtOnce(possible) : W.actions[asked.action].started(possible), wayBack(job));
  if ('view' in asked.target) viewOfJob.set(job.id, asked.target.view);
  if (asked.marks && asked.marks === selection.value && NEXT_STEP[asked.action])
    done.value = { action: asked.action, count: possible, marks: asked.marks };
  else if (asked.marks && marked.value > 0) unmarkAll();
}

async function attempt(action: Action, work: () => Promise<void>): Promise<void> {
  try {
    actionProblem.value = null;
    await work();
  } catch (error) {
    actionProblem.value = { action, problem: problemIn(error) };
  }
}

/** Undoes a hold or a release of just now: for the messages that it changed, not for those that were so before. */
const takeBack = (job: Job, opposite: Action): Promise<void> =>
  attempt(opposite, async () => {
    const { counts } = await stopped(job.id);
    if (counts.done === 0) return say(W.nothingToUndo);
    try {
      say(W.actions[opposite].started((await createJob(opposite, { undoes: job.id })).total));
    } catch (error) {
      if (problemIn(error).code !== 'nothing_matched') throw error;
      say(W.nothingToUndo);
    }
  });

/** Brings back what a delete of just now holds for its grace time. */
async function undoDelete(job: Job): Promise<void> {
  const problem = await undoJob(job);
  if (problem) actionProblem.value = { action: 'delete', problem };
  else say(W.bringingBack(job.total), { label: W.jobs.show, run: () => go({ jobs: String(job.id) }, true) });
}

/* What is not on hold any more is left alone when a hold is taken back: no reason to ask. */
const isNews = (asked: Question, { code, severity }: Preview['warnings'][number]): boolean =>
  severity !== 'info' && !('undoes' in asked.target && code === 'not_held');

/** Runs without a question, unless the preview has a warning: that is asked about (mail so old that releasing returns it). */
async function unlessWarned(asked: Question): Promise<void> {
  const preview = await post<Preview>('/previews', { action: asked.action, ...asked.target });
  if (preview.possible > 0 && !preview.warnings.some((warning) => isNews(asked, warning))) {
    const refused = await runSeen(asked, preview.possible, { seen: preview.seen });
    if (!refused) return;
  }
  asking.value = true;
  question.value = asked;
}

/** Undoes a hold or a release of some time ago; gives what went wrong. */
export async function askToTakeBack(job: Job, action: Action): Promise<Problem | null> {
  try {
    await unlessWarned({ action, target: { undoes: job.id }, count: job.counts.done, all: false });
    return null;
  } catch (error) {
    return problemIn(error);
  }
}

/** Runs what a preview showed; gives true when the server wants it shown again, because much has moved since. */
export async function runSeen(asked: Question, possible: number, options: JobOptions): Promise<boolean> {
  try {
    await run(asked, possible, options);
    return false;
  } catch (error) {
    if (problemIn(error).code === 'preview_outdated') return true;
    throw error;
  }
}

export function closeQuestion(): void {
  question.value = null;
  asking.value = false;
}

/** Runs it, or asks about it first; fails as the server does. */
async function begin(asked: Question): Promise<void> {
  if (asked.count === 0) return say(W.ask.nothing);
  if (frictionOf(asked.action, asked.count, asked.all) === 'none') return unlessWarned(asked);
  asking.value = true;
  question.value = asked;
}

const ask = (asked: Question): void => void attempt(asked.action, () => begin(asked));

/** An action on all that a filter matches now: they are frozen in a view first. Fails as the server does. */
export async function askForFilter(action: Action, filter: string, options: JobOptions = {}): Promise<void> {
  const { id, matched } = await post<View>('/views', { filter, sort: '-arrival' });
  await begin({ action, target: { view: id }, count: matched, all: true, options });
}

/** What a hold of all that match a filter left on hold. */
export const heldOf = (filter: string): string => withTerm(filter, 'queue:hold');

/** The next step on exactly what a hold was about; where its view is forgotten, on what its filter matches on hold. */
export async function askAfter(action: Action, job: Job): Promise<void> {
  const view = viewOfJob.get(job.id);
  const known = view === undefined ? null : await get<View>(`/views/${view}`).catch(() => null);
  if (known) await begin({ action, target: { view: known.id }, count: known.matched, all: true });
  else if (job.filter !== null) await askForFilter(action, heldOf(job.filter));
}

/** An action on one message. */
export const askForOne = (action: Action, id: string): void => ask({ action, target: { ids: [id] }, count: 1, all: false });

/** An action on what is marked. */
export function askForMarked(action: Action): void {
  const now = selection.value;
  ask({ action, target: targetOf(now), count: countOf(now), all: now.mode === 'all', marks: now });
}

export function askFlush(): void {
  asking.value = true;
  flushAsked.value = true;
}

export function closeFlush(): void {
  flushAsked.value = false;
  asking.value = false;
}
