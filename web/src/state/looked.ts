/*
 * When somebody last looked at the page: for each browser and account. Who comes back after a while is told what happened
 * meanwhile, until he says that he has read it.
 */
import { effect, signal } from '@preact/signals';
import { ownName } from '../api/place';
import { lastHand } from './hand';
import { me } from './session';

/* Who was away for less knows what he saw. */
const AWAY_MS = 30 * 60_000;
const EVERY_MS = 30_000;
/* A page that stands open on a screen is not looked at by that alone. */
const PRESENT_MS = 120_000;

/** Since when there is something to tell, in milliseconds; null: he was here. */
export const lookedAt = signal<number | null>(null);

const keyOf = (name: string): string => ownName(`postroom.looked.${name}`);

function stored(key: string): number | null {
  try {
    const at = Number(localStorage.getItem(key));
    return Number.isFinite(at) && at > 0 ? at : null;
  } catch {
    return null; /* storage that is switched off: then nothing is remembered */
  }
}

function keep(key: string): void {
  try {
    localStorage.setItem(key, String(Date.now()));
  } catch {
    /* as above */
  }
}

/** Looks at the page now: notes the time, and finds out how long it was not looked at. */
function look(key: string): void {
  if (document.visibilityState === 'hidden' || Date.now() - lastHand() > PRESENT_MS) return;
  const before = stored(key);
  if (before !== null && Date.now() - before > AWAY_MS) lookedAt.value = before;
  keep(key);
}

export const haveRead = (): void => {
  lookedAt.value = null;
};

export function startLooked(): () => void {
  let timer: ReturnType<typeof setInterval> | undefined;
  let onVisible = () => {};
  const end = () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', onVisible);
    lookedAt.value = null;
  };
  const stop = effect(() => {
    const name = me.value?.name;
    end();
    if (name === undefined) return;
    onVisible = () => look(keyOf(name));
    onVisible();
    timer = setInterval(onVisible, EVERY_MS);
    document.addEventListener('visibilitychange', onVisible);
  });
  return () => {
    stop();
    end();
  };
}
