/*
 * What is wrong, as the server tells it. Read at once, when the list changes, and at a bounded rate while the queue
 * does: the figures above the table come with it, so that figures and sentence are of one moment.
 */
import { computed, signal } from '@preact/signals';
import { aborted, get, problemIn } from '../api/client';
import type { Incident, Incidents, Problem } from '../api/types';
import { now } from './clock';
import { onEvent, paused } from './live';

const LEAST_INTERVAL_MS = 3000;
/* The list moves by the server's turns also where the queue stands still. */
const AGAIN_MS = 15_000;

export const incidents = signal<Incidents | null>(null);
export const incidentsProblem = signal<Problem | null>(null);

/** Whether somebody has put it aside for now. */
export const isSnoozed = (incident: Pick<Incident, 'snoozed_until'>, at: number): boolean =>
  incident.snoozed_until !== null && Date.parse(incident.snoozed_until) > at;

const stands = (incident: Incident, at: number): boolean =>
  incident.state === 'open' && incident.caused_by === null && !isSnoozed(incident, at);

const standing = (severity: Incident['severity']) =>
  computed(() => (incidents.value?.incidents ?? []).filter((each) => each.severity === severity && stands(each, now.value)));

/** Those that need somebody now, and those to watch: what the sentence counts. The tab's title has the first. */
export const needing = standing('act');
export const watching = standing('watch');

/** Puts an incident that was answered for alone into the list. */
export function keepIncident(incident: Incident): void {
  const list = incidents.value;
  if (list) incidents.value = { ...list, incidents: list.incidents.map((other) => (other.id === incident.id ? incident : other)) };
}

let stop = new AbortController();
let timer: ReturnType<typeof setTimeout> | undefined;
let last = 0;

export async function loadIncidents(): Promise<void> {
  stop.abort();
  stop = new AbortController();
  last = Date.now();
  try {
    incidents.value = await get<Incidents>('/incidents', {}, stop.signal);
    incidentsProblem.value = null;
  } catch (error) {
    if (!aborted(error)) incidentsProblem.value = problemIn(error);
  }
}

function loadSoon(): void {
  if (timer !== undefined || paused.value || document.visibilityState === 'hidden') return;
  timer = setTimeout(
    () => {
      timer = undefined;
      void loadIncidents();
    },
    Math.max(0, last + LEAST_INTERVAL_MS - Date.now()),
  );
}

/** The tab's title and icon are looked at while it is hidden: then only a change of the list counts. */
function loadChanged(): void {
  if (document.visibilityState === 'hidden' && !paused.value) void loadIncidents();
  else loadSoon();
}

export function startIncidents(): () => void {
  void loadIncidents();
  const stops = [onEvent('incidents', loadChanged), onEvent('queue', loadSoon), onEvent('reset', loadChanged)];
  const again = setInterval(loadSoon, AGAIN_MS);
  document.addEventListener('visibilitychange', loadSoon);
  return () => {
    stops.forEach((each) => each());
    clearInterval(again);
    clearTimeout(timer);
    timer = undefined;
    stop.abort();
    document.removeEventListener('visibilitychange', loadSoon);
    incidents.value = null;
  };
}
