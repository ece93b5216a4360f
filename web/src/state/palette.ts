/* Whether the box that finds anything is open. Ctrl-K (on a Mac Cmd-K) opens it from anywhere, also while one types. */
import { signal } from '@preact/signals';
import { flushAsked, question } from './actions';

export const paletteOpen = signal(false);

export function startPalette(): () => void {
  const listener = (event: KeyboardEvent) => {
    if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    if (question.value || flushAsked.value) return;
    event.preventDefault();
    paletteOpen.value = !paletteOpen.value;
  };
  addEventListener('keydown', listener);
  return () => removeEventListener('keydown', listener);
}
