/* What was told of one incident. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { aborted, get, problemIn } from '../api/client';
import type { Alert, AlertChannel, AlertSilence, IncidentDetail, Problem } from '../api/types';
import { readChannels, readSilences } from '../alerts/useAlerts';
import { MOST, type Page } from '../alerts/useSent';
import { onEvent } from '../state/live';

/* Where so many alerts came since, the rest is on the page of alerts. */
const PAGES = 5;

interface Told {
  alerts: Alert[];
  channels: AlertChannel[];
  silences: AlertSilence[];
}

async function read(incident: string, stop: AbortSignal): Promise<Alert[]> {
  const found: Alert[] = [];
  let before: string | undefined;
  for (let page = 0; page < PAGES; page++) {
    const { alerts, next }: Page = await get<Page>('/alerts', { incident, limit: MOST, before }, stop);
    found.push(...alerts);
    if (next === null) break;
    before = next;
  }
  return found;
}

export function useAlerted({ id }: Pick<IncidentDetail, 'id'>) {
  const told = useSignal<Told | null>(null);
  const problem = useSignal<Problem | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    const load = async () => {
      try {
        const [alerts, { channels }, silences] = await Promise.all([read(id, stop.signal), readChannels(), readSilences()]);
        told.value = { alerts, channels, silences };
        problem.value = null;
      } catch (error) {
        if (!aborted(error)) problem.value = problemIn(error);
      }
    };
    void load();
    const off = onEvent('alerts', () => void load());
    return () => {
      off();
      stop.abort();
    };
  }, [id]);
  return { told: told.value, problem: problem.value };
}
