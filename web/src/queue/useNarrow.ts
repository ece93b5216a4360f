/* What the window has room for: rows of one line, rows of two, or cards; styles/grid.css and narrow.css draw what is said here. */
import { computed, type ReadonlySignal, signal } from '@preact/signals';

const matching = (query: string): ReadonlySignal<boolean> => {
  const list = matchMedia(query);
  const found = signal(list.matches);
  list.addEventListener('change', () => {
    found.value = list.matches;
  });
  return found;
};

const narrow = matching('(max-width: 760px)');
const middle = matching('(max-width: 1179px)');

/** Whether the table has room for columns, or shows cards. */
export const useNarrow = (): ReadonlySignal<boolean> => narrow;

export type RowForm = 'line' | 'lines' | 'cards';

export const rowForm = computed<RowForm>(() => (narrow.value ? 'cards' : middle.value ? 'lines' : 'line'));

/** In px, as the style has them. */
export const ROW_HEIGHT: Record<RowForm, number> = { line: 30, lines: 46, cards: 68 };
