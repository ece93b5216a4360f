/*
 * What was sent, the newest first. What is known of each follows at once; what is new comes in when no hand is on the
 * list, or when it is asked for: a row that comes moves all that is below it.
 */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { aborted, get, problemIn } from '../api/client';
import type { Alert, Problem } from '../api/types';
import { now } from '../state/clock';
import { underHand } from '../state/hand';
import { onEvent, paused } from '../state/live';

const PAGE = 50;
/** The most that one request gives. What is further down stays as it was read. */
export const MOST = 200;
const LEAST_INTERVAL_MS = 1000;

export interface Page {
  alerts: Alert[];
  next: string | null;
}

interface Query {
  channel?: string;
  state?: string;
}

/** Of two lists the newer form of each, the newest first. */
export function joined(fresh: readonly Alert[], old: readonly Alert[]): Alert[] {
  const all = new Map(old.map((alert) => [alert.id, alert]));
  for (const alert of fresh) all.set(alert.id, alert);
  return [...all.values()].sort((a, b) => b.id - a.id);
}

export function useSent(query: Query) {
  const all = useSignal<Alert[] | null>(null);
  const next = useSignal<string | null>(null);
  const problem = useSignal<Problem | null>(null);
  const top = useRef(0);
  const { channel = '', state = '' } = query;
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    all.value = null;
    top.current = 0;
    const load = async () => {
      timer = undefined;
      const limit = Math.min(MOST, Math.max(PAGE, all.value?.length ?? 0));
      try {
        const page = await get<Page>('/alerts', { channel, state, limit }, stop.signal);
        const more = (all.value?.length ?? 0) > page.alerts.length && page.next !== null;
        /* With a filter on the state one that has changed leaves the list. */
        all.value = more ? joined(page.alerts, all.value!) : page.alerts;
        if (!more) next.value = page.next;
        problem.value = null;
      } catch (error) {
        if (!aborted(error)) problem.value = problemIn(error);
      }
    };
    const soon = () => {
      if (!paused.value) timer ??= setTimeout(() => void load(), LEAST_INTERVAL_MS);
    };
    void load();
    const stops = [onEvent('alerts', soon), onEvent('reset', soon)];
    return () => {
      stops.forEach((each) => each());
      clearTimeout(timer);
      stop.abort();
    };
  }, [channel, state]);
  const older = async () => {
    try {
      const page = await get<Page>('/alerts', { channel, state, limit: PAGE, before: next.value ?? undefined });
      all.value = joined(all.value ?? [], page.alerts);
      next.value = page.next;
      problem.value = null;
    } catch (error) {
      problem.value = problemIn(error);
    }
  };
  void now.value; /* looked at again each second, until the hand rests */
  const newest = all.value?.[0]?.id ?? 0;
  if (top.current === 0 || !underHand(document.querySelector('.sent'))) top.current = newest;
  return {
    shown: all.value?.filter(({ id }) => id <= top.current) ?? null,
    waiting: all.value?.filter(({ id }) => id > top.current).length ?? 0,
    letIn: () => {
      top.current = newest;
      now.value = Date.now();
    },
    older: next.value === null ? null : older,
    problem: problem.value,
  };
}
