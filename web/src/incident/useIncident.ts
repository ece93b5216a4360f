/* One incident, read again whenever the list changes, and what explains it or is explained by it. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { aborted, get, problemIn } from '../api/client';
import type { IncidentDetail, Problem } from '../api/types';
import { jobs } from '../state/jobs';
import { onEvent } from '../state/live';

export function useIncident(id: string) {
  const incident = useSignal<IncidentDetail | null>(null);
  const related = useSignal<IncidentDetail[]>([]);
  const problem = useSignal<Problem | null>(null);
  const again = useSignal(0);
  useEffect(() => {
    const stop = new AbortController();
    const load = async () => {
      try {
        const found = await get<IncidentDetail>(`/incidents/${id}`, {}, stop.signal);
        incident.value = found;
        problem.value = null;
        const others = [...(found.caused_by ? [found.caused_by] : []), ...found.cause_of];
        /* One that cannot be read is only not named. */
        const read = await Promise.all(
          others.map((other) => get<IncidentDetail>(`/incidents/${other}`, {}, stop.signal).catch(() => null)),
        );
        related.value = read.filter((each) => each !== null);
      } catch (error) {
        if (!aborted(error)) problem.value = problemIn(error);
      }
    };
    void load();
    const off = onEvent('incidents', () => void load());
    return () => {
      off();
      stop.abort();
    };
  }, [id, again.value, jobs.value.size]);
  return {
    incident,
    related,
    problem,
    reload: () => {
      again.value += 1;
    },
  };
}
