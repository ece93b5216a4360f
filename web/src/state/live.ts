/*
 * Follows the server by one event stream for all tabs of a browser: the tab that holds a lock has the stream and tells
 * the others. (Over HTTP/1.1 a browser opens six connections to a host; with a stream each, the seventh tab never loads.)
 * Where there are no locks (plain HTTP beyond loopback) every tab has its own and closes it while it is hidden.
 */
import { signal } from '@preact/signals';
import { get, problemIn, url } from '../api/client';
import { ownName } from '../api/place';
import type { Job, QueueSummary, SettingsChange } from '../api/types';
import { translated } from '../words/translated';

export type LiveState = 'connecting' | 'live' | 'reconnecting';

interface Events {
  queue: QueueSummary;
  job: Job;
  settings: SettingsChange;
  incidents: { version: number };
  pauses: { open: number };
  alerts: { version: number };
  probe: { id: number; incident: string | null; domain: string | null };
  reset: { reason: string };
}
type EventName = keyof Events;

type Told =
  | { kind: 'event'; name: EventName; data: unknown; at: number }
  | { kind: 'state'; state: LiveState }
  | { kind: 'hello' }
  | { kind: 'broken' };

export const summary = signal<QueueSummary | null>(null);
export const liveState = signal<LiveState>('connecting');
export const paused = signal(false);
/** When the last summary came from the server, in milliseconds of this computer's clock. */
export const heard = signal(0);
/** Since when nothing is followed, because somebody wants it so; 0 while it is. */
export const pausedAt = signal(0);

export function setPaused(wanted: boolean): void {
  paused.value = wanted;
  pausedAt.value = wanted ? Date.now() : 0;
}

/**
 * How old the server's picture of the queue is, in seconds: as it said, and as long as nothing came since. Clocks that
 * differ between here and there do not matter. null: it has none yet.
 */
export const ageOf = (summary: QueueSummary | null, heardAt: number, now: number): number | null =>
  summary === null || summary.age === null ? null : summary.age + Math.max(0, now - heardAt) / 1000;

const NAMES: EventName[] = ['queue', 'job', 'settings', 'incidents', 'alerts', 'probe', 'pauses', 'reset'];
const RETRY_MS = 3000;
/* The summary is free at any size; reading it now and then keeps "as of" true on a queue where nothing happens. */
const AGAIN_MS = 10_000;
const listeners = new Map<EventName, Set<(data: never) => void>>();
let channel: BroadcastChannel | null = null;
let source: EventSource | null = null;
let leader = false;
let stopLeading: (() => void) | null = null;
let running = false;
let again: ReturnType<typeof setInterval> | undefined;

export function onEvent<N extends EventName>(name: N, listener: (data: Events[N]) => void): () => void {
  const set = listeners.get(name) ?? new Set();
  listeners.set(name, set);
  set.add(listener);
  return () => {
    set.delete(listener);
  };
}

function take(name: EventName, told: unknown, at: number): void {
  const data = translated(told);
  if (name === 'queue') {
    summary.value = data as QueueSummary;
    heard.value = at;
  }
  for (const listener of listeners.get(name) ?? []) listener(data as never);
}

function setState(state: LiveState): void {
  liveState.value = state;
  if (leader) channel?.postMessage({ kind: 'state', state } satisfies Told);
}

function tell(name: EventName, data: unknown): void {
  const at = Date.now();
  take(name, data, at);
  channel?.postMessage({ kind: 'event', name, data, at } satisfies Told);
}

function close(): void {
  source?.close();
  source = null;
  clearInterval(again);
}

async function readAgain(): Promise<void> {
  try {
    tell('queue', await get<QueueSummary>('/queue'));
  } catch (error) {
    /* The stream says that the server does not answer. */
    problemIn(error);
  }
}

function open(): void {
  close();
  const stream = new EventSource(url('/events'));
  source = stream;
  stream.onopen = () => setState('live');
  stream.onerror = () => {
    if (source !== stream) return;
    setState('reconnecting');
    /* The stream ends with the session. The next answer says so, at once, and each tab has to hear it. */
    void readAgain();
    channel?.postMessage({ kind: 'broken' } satisfies Told);
    /* A refused stream is closed for good by the browser (a restarted server answers 502 or 401): try again. */
    if (stream.readyState !== EventSource.CLOSED) return;
    setTimeout(() => {
      if (running && source === stream) open();
    }, RETRY_MS);
  };
  for (const name of NAMES) {
    stream.addEventListener(name, (event) => {
      tell(name, JSON.parse((event as MessageEvent<string>).data));
    });
  }
  again = setInterval(() => {
    if (liveState.value === 'live') void readAgain();
  }, AGAIN_MS);
}

function hear(told: Told): void {
  if (told.kind === 'event' && !leader) take(told.name, told.data, told.at);
  else if (told.kind === 'state' && !leader) liveState.value = told.state;
  else if (told.kind === 'broken' && !leader) void readAgain();
  else if (told.kind === 'hello' && leader) {
    channel?.postMessage({ kind: 'state', state: liveState.value } satisfies Told);
    if (summary.value) channel?.postMessage({ kind: 'event', name: 'queue', data: summary.value, at: heard.value } satisfies Told);
  }
}

function lead(): void {
  navigator.locks
    .request(
      ownName('postroom-events'),
      () =>
        new Promise<void>((resolve) => {
          if (!running) return resolve();
          leader = true;
          stopLeading = resolve;
          open();
        }),
    )
    .catch(() => {});
}

function followVisibility(): void {
  if (!running || navigator.locks) return;
  if (document.visibilityState === 'hidden') close();
  else if (!source) open();
}

export function startLive(): void {
  if (running) return;
  running = true;
  liveState.value = 'connecting';
  if (!navigator.locks) {
    document.addEventListener('visibilitychange', followVisibility);
    open();
    return;
  }
  channel = new BroadcastChannel(ownName('postroom-events'));
  channel.onmessage = (event: MessageEvent<Told>) => hear(event.data);
  channel.postMessage({ kind: 'hello' } satisfies Told);
  lead();
}

export function stopLive(): void {
  running = false;
  close();
  leader = false;
  stopLeading?.();
  stopLeading = null;
  channel?.close();
  channel = null;
  document.removeEventListener('visibilitychange', followVisibility);
}
