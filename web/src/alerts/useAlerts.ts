/* Channels, rules and silences as they are, read again when the service says that they have changed. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get, post, problemIn, put, remove } from '../api/client';
import type { AlertChannels, AlertChannelWrite, AlertRule, AlertRules, AlertSilence, Problem } from '../api/types';
import { onEvent, paused } from '../state/live';

/* No event tells of each beat of the heart. */
const AGAIN_MS = 10_000;

export interface Alerts {
  channels: AlertChannels;
  rules: AlertRules;
  silences: AlertSilence[];
}

export const readChannels = (): Promise<AlertChannels> => get('/alerts/channels');
export const readRules = (): Promise<AlertRules> => get('/alerts/rules');
export const readSilences = async (): Promise<AlertSilence[]> => (await get<{ silences: AlertSilence[] }>('/alerts/silences')).silences;

export interface HeartbeatWrite {
  url?: string | null;
  every_s: number;
  enabled: boolean;
  allow_local: boolean;
}

export const writeChannels = (revision: number, channels: AlertChannelWrite[], heartbeat: HeartbeatWrite): Promise<AlertChannels> =>
  put('/alerts/channels', { revision, channels, heartbeat });
export const writeRules = (revision: number, rules: AlertRule[]): Promise<AlertRules> => put('/alerts/rules', { revision, rules });

export interface SilenceWrite {
  kind: AlertSilence['kind'];
  key: string | null;
  severity: AlertSilence['severity'];
  until: string;
  reason: string;
}

export const silence = (body: SilenceWrite): Promise<AlertSilence> => post('/alerts/silences', body);
export const endSilence = (id: number): Promise<void> => remove(`/alerts/silences/${id}`);

export function useAlerts() {
  const alerts = useSignal<Alerts | null>(null);
  const problem = useSignal<Problem | null>(null);
  const load = async () => {
    try {
      const [channels, rules, silences] = await Promise.all([readChannels(), readRules(), readSilences()]);
      alerts.value = { channels, rules, silences };
      problem.value = null;
    } catch (error) {
      problem.value = problemIn(error);
    }
  };
  useEffect(() => {
    void load();
    const stops = [onEvent('alerts', () => void load()), onEvent('reset', () => void load())];
    const again = setInterval(() => {
      if (!paused.value && document.visibilityState === 'visible') void load();
    }, AGAIN_MS);
    return () => {
      stops.forEach((stop) => stop());
      clearInterval(again);
    };
  }, []);
  return { alerts, problem, load };
}
