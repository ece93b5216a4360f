/*
 * The tests of the last hour that are about something. Steps come while a test runs: the service tells of each, and as
 * what it tells may be lost a running test is asked for as well.
 */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { aborted, get, post, problemIn } from '../api/client';
import type { Probe, Problem } from '../api/types';
import { onEvent } from '../state/live';

const RUNNING_MS = 700;

/** What tests are about: an incident, destinations, our own address. */
export interface ProbeScope {
  incident?: string | undefined;
  /** Those with most mail first. */
  domains: string[];
  own: boolean;
}

export const isAbout = (probe: Probe, { incident, domains, own }: ProbeScope): boolean =>
  (incident !== undefined && probe.incident === incident) ||
  (probe.kind === 'own_address' ? own : domains.some((domain) => domain.toLowerCase() === probe.domain));

export interface ProbeWrite {
  kind: Probe['kind'];
  domain?: string;
  incident?: string;
}

/** The list with one test as it is now. */
export const withProbe = (probes: readonly Probe[], probe: Probe): Probe[] =>
  [probe, ...probes.filter(({ id }) => id !== probe.id)].sort((a, b) => b.id - a.id);

export function useProbes(scope: ProbeScope) {
  const probes = useSignal<Probe[]>([]);
  const problem = useSignal<Problem | null>(null);
  const busy = useSignal(false);
  /* Counts the lists that were asked for, and the tests that were begun: what was asked before is old when it comes. */
  const turn = useRef(0);
  /* One at a time runs, whatever it is about. */
  const running = probes.value.find(({ state }) => state === 'running')?.id;
  useEffect(() => {
    const stop = new AbortController();
    const load = () => {
      const mine = ++turn.current;
      return get<{ probes: Probe[] }>('/probes', {}, stop.signal).then(
        (found) => {
          if (mine === turn.current) probes.value = found.probes;
        },
        (error) => {
          if (!aborted(error)) problemIn(error); /* without the tests of before one can still test */
        },
      );
    };
    void load();
    const stops = [onEvent('probe', () => void load()), onEvent('reset', () => void load())];
    return () => {
      stops.forEach((each) => each());
      stop.abort();
    };
  }, []);
  useEffect(() => {
    if (running === undefined) return;
    const stop = new AbortController();
    const timer = setInterval(() => {
      get<Probe>(`/probes/${running}`, {}, stop.signal).then(
        (probe) => {
          probes.value = withProbe(probes.value, probe);
        },
        (error) => {
          if (!aborted(error)) problemIn(error);
        },
      );
    }, RUNNING_MS);
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, [running]);
  const start = async (wanted: ProbeWrite) => {
    busy.value = true;
    problem.value = null;
    try {
      const begun = await post<Probe>('/probes', wanted);
      turn.current += 1;
      probes.value = withProbe(probes.value, begun);
    } catch (error) {
      problem.value = problemIn(error);
    } finally {
      busy.value = false;
    }
  };
  return {
    probes: probes.value.filter((probe) => isAbout(probe, scope)),
    problem: problem.value,
    busy: busy.value || running !== undefined,
    start,
    forgive: () => {
      problem.value = null;
    },
  };
}
