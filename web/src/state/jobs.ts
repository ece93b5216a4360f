/* Jobs: what was asked for and what became of it. They live in the server; this is the page's copy, kept by events. */
import { computed, signal } from '@preact/signals';
import { get, post, problemIn } from '../api/client';
import type { Action, Job, JobItem, Problem, Target } from '../api/types';
import { onEvent } from './live';

export const jobs = signal<ReadonlyMap<number, Job>>(new Map());
export const jobsProblem = signal<Problem | null>(null);

const OPEN = new Set(['planned', 'running', 'grace']);
export const isOpen = (job: Job): boolean => OPEN.has(job.state);

export const jobList = computed(() => [...jobs.value.values()].sort((a, b) => b.id - a.id));
export const openJobs = computed(() => jobList.value.filter(isOpen));

export function keepJob(job: Job): void {
  jobs.value = new Map(jobs.value).set(job.id, job);
}

/** Messages of a job that are settled one way or another. */
export const settled = (job: Job): number => job.total - job.counts.planned - job.counts.sent;

export const canUndo = (job: Job, now: number): boolean =>
  job.action === 'delete' && job.undo_until !== null && job.state !== 'undone' && Date.parse(job.undo_until) > now;

export const canCancel = (job: Job): boolean => job.state === 'planned' || job.state === 'running';

export async function loadJobs(): Promise<void> {
  try {
    const page = await get<{ jobs: Job[] }>('/jobs', { limit: 50 });
    jobs.value = new Map(page.jobs.map((job) => [job.id, job]));
    jobsProblem.value = null;
  } catch (error) {
    jobsProblem.value = problemIn(error);
  }
}

export interface JobOptions {
  /** Of the preview that somebody said yes to: the server asks again when much has moved since. */
  seen?: string;
  note?: string;
  undo_seconds?: number;
  rate?: number;
}

export async function createJob(action: Action, target: Target, options: JobOptions = {}): Promise<Job> {
  const job = await post<Job>('/jobs', { action, ...target, ...options });
  keepJob(job);
  return job;
}

/** The messages that a job has acted on. A job that still runs is stopped first, so that the list is final. */
export async function doneIds(job: Job): Promise<string[]> {
  if (canCancel(jobs.value.get(job.id) ?? job)) await cancelJob(job);
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page = await get<{ items: JobItem[]; next: string | null }>(`/jobs/${job.id}/items`, { outcome: 'done', limit: 1000, after });
    ids.push(...page.items.map((item) => item.id));
    after = page.next ?? undefined;
  } while (after !== undefined);
  return ids;
}

async function change(job: Job, verb: 'cancel' | 'undo'): Promise<Problem | null> {
  try {
    keepJob(await post<Job>(`/jobs/${job.id}/${verb}`));
    return null;
  } catch (error) {
    return problemIn(error);
  }
}

export const cancelJob = (job: Job): Promise<Problem | null> => change(job, 'cancel');
export const undoJob = (job: Job): Promise<Problem | null> => change(job, 'undo');

export function startJobs(): () => void {
  void loadJobs();
  const stops = [onEvent('job', keepJob), onEvent('reset', () => void loadJobs())];
  return () => stops.forEach((stop) => stop());
}
