/*
 * From a wish to a job: what an action is about, how much asking it needs, and the dialog's state.
 * Friction follows risk: what can be taken back runs at once; what cannot is summed up first; more than ten deleted or
 * returned, or anything on all that match, wants the number typed.
 */
import { signal } from '@preact/signals';
import { problemIn } from '../api/client';
import type { Action, Problem, Target } from '../api/types';
import { W } from '../words';
import { createJob, type JobOptions, keepJob } from './jobs';
import { asking, marked, selection, unmarkAll } from './marks';
import { go } from './route';
import { countOf, targetOf } from './selection';
import { say } from './toasts';

export interface Question {
  action: Action;
  target: Target;
  /** How many messages it was asked for. */
  count: number;
  /** All that match a filter, not messages picked one by one. */
  all: boolean;
}

export type Friction = 'none' | 'confirm' | 'type';

const MANY_DELETED = 10;

export function frictionOf(action: Action, count: number, all: boolean): Friction {
  if (all) return 'type';
  if (action === 'delete' || action === 'bounce') return count > MANY_DELETED ? 'type' : 'confirm';
  if (action === 'requeue') return 'confirm';
  return 'none';
}

export const question = signal<Question | null>(null);
export const flushAsked = signal(false);
/** Why the last action without a question failed; it stands in the bar of actions. */
export const actionProblem = signal<{ action: Action; problem: Problem } | null>(null);

const OPPOSITE: Partial<Record<Action, Action>> = { hold: 'release', release: 'hold' };

/** Runs a job; afterwards the selection it was about is let go. */
export async function run(asked: Question, options: JobOptions = {}): Promise<void> {
  const job = await createJob(asked.action, asked.target, options);
  const undo = OPPOSITE[asked.action];
  const target = asked.target;
  const back = undo && 'ids' in target
    ? { label: W.undo, run: () => void runNow({ ...asked, action: undo }) }
    : { label: W.jobs.show, run: () => go({ jobs: String(job.id) }, true) };
  say(W.actions[asked.action].started(job.total), back);
  keepJob(job);
  if (marked.value > 0) unmarkAll();
}

async function runNow(asked: Question): Promise<void> {
  try {
    actionProblem.value = null;
    await run(asked);
  } catch (error) {
    actionProblem.value = { action: asked.action, problem: problemIn(error) };
  }
}

export function closeQuestion(): void {
  question.value = null;
  asking.value = false;
}

function ask(asked: Question): void {
  if (asked.count === 0) return;
  if (frictionOf(asked.action, asked.count, asked.all) === 'none') return void runNow(asked);
  asking.value = true;
  question.value = asked;
}

/** An action on one message. */
export const askForOne = (action: Action, id: string): void => ask({ action, target: { ids: [id] }, count: 1, all: false });

/** An action on what is marked. */
export function askForMarked(action: Action): void {
  const now = selection.value;
  ask({ action, target: targetOf(now), count: countOf(now), all: now.mode === 'all' });
}

export function askFlush(): void {
  asking.value = true;
  flushAsked.value = true;
}

export function closeFlush(): void {
  flushAsked.value = false;
  asking.value = false;
}
