/* The time as the page writes it: a signal that moves once a second while somebody looks. */
import { signal } from '@preact/signals';

export const now = signal(Date.now());

export function startClock(): () => void {
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible') now.value = Date.now();
  }, 1000);
  return () => clearInterval(timer);
}
