/* Mail that is held back for a time: the list, as everybody sees it, and what somebody is asked who holds back more. */
import { computed, signal } from '@preact/signals';
import { aborted, get, post, problemIn, put, remove } from '../api/client';
import type { Groups, Message, Pause, PauseKind, Pauses, Problem } from '../api/types';
import { createJob } from './jobs';
import { onEvent, paused } from './live';
import { scope } from './session';

/* How many wait changes with the queue; the list itself is told. */
const AGAIN_MS = 20_000;

export const pauses = signal<Pauses | null>(null);
export const openPauses = computed(() => (pauses.value?.pauses ?? []).filter(({ state }) => state !== 'ended' && state !== 'failed'));

/** What a pause may be of; the first is what was meant. */
export interface PauseSubject {
  kind: PauseKind;
  key: string;
}

/** What the dialog is asked with; no subject: whoever asks writes it. */
export const pauseAsked = signal<PauseSubject[] | null>(null);
/** Why the last change of a pause failed; it stands beside that pause. */
export const pauseProblem = signal<{ id: number; problem: Problem } | null>(null);

export const askPause = (subjects: PauseSubject[] = []): void => {
  pauseAsked.value = subjects;
};
export const closePause = (): void => {
  pauseAsked.value = null;
};

let stop = new AbortController();

export async function loadPauses(): Promise<void> {
  stop.abort();
  stop = new AbortController();
  try {
    pauses.value = await get<Pauses>('/pauses', { ended: 'true' }, stop.signal);
  } catch (error) {
    if (!aborted(error)) problemIn(error);
  }
}

/** Follows the list. Whoever sees a part of the queue is refused it; his messages say by themselves that they wait. */
export function startPauses(): () => void {
  if (scope.value !== null) return () => undefined;
  void loadPauses();
  const soon = () => {
    if (document.visibilityState !== 'hidden' && !paused.value) void loadPauses();
  };
  const stops = [onEvent('pauses', soon), onEvent('reset', soon)];
  const again = setInterval(() => openPauses.value.length > 0 && soon(), AGAIN_MS);
  return () => {
    stops.forEach((each) => each());
    clearInterval(again);
    stop.abort();
    pauses.value = null;
  };
}

async function attempt(id: number, work: () => Promise<unknown>): Promise<boolean> {
  pauseProblem.value = null;
  try {
    await work();
    void loadPauses();
    return true;
  } catch (error) {
    pauseProblem.value = { id, problem: problemIn(error) };
    return false;
  }
}

/** Puts what a filter matches on hold, or lets it go, as one job. */
export async function actOn(action: 'hold' | 'release', filter: string, note: string): Promise<void> {
  const { id, matched } = await post<{ id: string; matched: number }>('/views', { filter, sort: '-arrival' });
  if (matched > 0) await createJob(action, { view: id }, { note });
}

/** Ends a pause; with `release` also what it has put on hold goes, which is known by the pause as long as it stands. */
export const lift = (pause: Pause, release: string | null): Promise<boolean> =>
  attempt(pause.id, async () => {
    if (release !== null) await actOn('release', `${pause.filter} queue:hold`, release);
    await remove(`/pauses/${pause.id}`);
  });

export const changeEnd = (pause: Pause, until: Date): Promise<boolean> =>
  attempt(pause.id, () => put(`/pauses/${pause.id}`, { until: until.toISOString(), long: true }));

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

/** What can be held back because of one message. */
export function subjectsOf({ recipients, sender, origin }: Pick<Message, 'recipients' | 'sender' | 'origin'>): PauseSubject[] {
  const domains = new Set(recipients.filter(({ address }) => address.includes('@')).map(({ address }) => domainOf(address)));
  const hosts = new Set(recipients.flatMap(({ remote_host: host }) => (host ? [host.toLowerCase()] : [])));
  return [
    ...[...domains].slice(0, 3).map((key): PauseSubject => ({ kind: 'domain', key })),
    ...[...hosts].slice(0, 2).map((key): PauseSubject => ({ kind: 'provider', key })),
    ...(sender.includes('@') ? [{ kind: 'sender', key: sender.toLowerCase() } as PauseSubject] : []),
    ...(origin?.login ? [{ kind: 'login', key: origin.login } as PauseSubject] : []),
  ];
}

const GROUPED: [string, PauseKind][] = [
  ['recipient_domain', 'domain'],
  ['remote_domain', 'provider'],
];

/** Asks about where most of what a filter matches waits to go. */
export async function askPauseFor(filter: string): Promise<void> {
  const found = await Promise.all(
    GROUPED.map(async ([by, kind]) => {
      const { groups } = await get<Groups>('/groups', { by, filter, limit: 3 });
      return groups.flatMap(({ key }): PauseSubject[] => (key ? [{ kind, key }] : []));
    }),
  );
  askPause(found.flat());
}
