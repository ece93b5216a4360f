/* The table's own keys: arrows, Page Up and Down, Home, End, Space, Enter; with Shift they make ranges. */
import { focused, markRange, toggleOpen, toggleRow } from '../state/marks';
import { goTo, hrefOf } from '../state/route';
import { rowAtOffset } from '../state/view';

interface Table {
  /** Row after the last that can be reached, and the first. */
  count: number;
  start: number;
  page: number;
  show: (row: number) => void;
}

function stepOf(key: string, table: Table): number | null {
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return 1;
    case 'ArrowUp':
    case 'k':
      return -1;
    case 'PageDown':
      return table.page;
    case 'PageUp':
      return -table.page;
    case 'Home':
      return -Infinity;
    case 'End':
      return Infinity;
    default:
      return null;
  }
}

/** Moves the focus by a key; false when it is no moving key. */
export function moveBy(key: string, shift: boolean, table: Table): boolean {
  const step = stepOf(key, table);
  if (step === null || table.count === 0) return false;
  focused.value = Math.min(Math.max(focused.value + step, table.start), table.count - 1);
  table.show(focused.value);
  if (shift) void markRange(focused.value);
  return true;
}

export function useGridKeys(table: Table) {
  movers.current = table;
  return (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (!target.hasAttribute('data-grid') || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.length > 1 && moveBy(event.key, event.shiftKey, table)) event.preventDefault();
    else if (event.key === ' ') {
      event.preventDefault();
      if (event.shiftKey) void markRange(focused.value);
      else toggleRow(focused.value);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      openFocused();
    }
  };
}

/** Gives the focus to the table, where the page has one. */
export const focusTable = (): void => document.querySelector<HTMLElement>('[data-grid]')?.focus();

/** The table on the page now, for the keys that are its own but heard by the page. */
export const movers: { current: Table | null } = { current: null };

/** Set while a row that was opened by a key has not been scrolled into sight; the pointer's row stays under the pointer. */
export const openedByKey: { id: string | null } = { id: null };

export function openFocused(): void {
  const row = rowAtOffset(focused.value);
  if (!row || row.gone) return;
  openedByKey.id = row.id;
  toggleOpen(row.id);
}

export function openFocusedPage(): void {
  const row = rowAtOffset(focused.value);
  if (row) goTo(hrefOf({ page: 'message', id: row.id }));
}
