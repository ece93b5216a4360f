/* Jobs: what was asked for and what became of it. They live in the server; this is the page's copy, kept by events. */
import { computed, signal } from '@preact/signals';
import { get, post, problemIn } from '../api/client';
import type { Action, Job, Problem, Target } from '../api/types';
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
  no_reload?: boolean;
}

export async function createJob(action: Action, target: Target, options: JobOptions = {}): Promise<Job> {
  const job = await post<Job>('/jobs', { action, ...target, ...options });
  keepJob(job);
  return job;
}

const LOOK_MS = 300;

/** Stops a job that still runs; gives it as it has ended. */
export async function stopped(id: number): Promise<Job> {
  let job = await get<Job>(`/jobs/${id}`);
  if (canCancel(job)) await cancelJob(job);
  for (; isOpen(job); job = await get<Job>(`/jobs/${id}`)) await new Promise((done) => setTimeout(done, LOOK_MS));
  keepJob(job);
  return job;
}

/** What takes back a hold or a release: the other. */
export const OPPOSITE: Partial<Record<Action, 'hold' | 'release'>> = { hold: 'release', release: 'hold' };

/** The job that has taken back this one, or is about to. */
export const takenBackBy = (job: Job): Job | undefined =>
  jobList.value.find((other) => other.undoes === job.id && (isOpen(other) || other.counts.done > 0));

const DAY_MS = 86_400_000;

/** The action that takes back what this job did; undefined when there is nothing (left), or it is so long ago that the mail has gone on. */
export function takesBack(job: Job, now: number): 'hold' | 'release' | undefined {
  if (isOpen(job) || job.counts.done === 0 || takenBackBy(job)) return undefined;
  return now - Date.parse(job.finished ?? job.created) < DAY_MS ? OPPOSITE[job.action] : undefined;
}

async function change(job: Pick<Job, 'id'>, verb: 'cancel' | 'undo'): Promise<Problem | null> {
  try {
    keepJob(await post<Job>(`/jobs/${job.id}/${verb}`));
    return null;
  } catch (error) {
    return problemIn(error);
  }
}

export const cancelJob = (job: Job): Promise<Problem | null> => change(job, 'cancel');
export const undoJob = (job: Pick<Job, 'id'>): Promise<Problem | null> => change(job, 'undo');

export function startJobs(): () => void {
  void loadJobs();
  const stops = [onEvent('job', keepJob), onEvent('reset', () => void loadJobs())];
  return () => stops.forEach((stop) => stop());
}
