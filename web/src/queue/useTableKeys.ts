/* A table of buttons is one tab stop: the arrows go from button to button. */
import { useEffect } from 'preact/hooks';

const STEPS: Record<string, [number, number]> = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

/** The nearest button in a direction; cells without one are passed over. */
function from(table: HTMLTableElement, start: HTMLTableCellElement, [down, right]: [number, number]): HTMLButtonElement | null {
  let row = (start.parentElement as HTMLTableRowElement).rowIndex + down;
  let column = start.cellIndex + right;
  for (;;) {
    const cell = table.rows[row]?.cells[column];
    if (!cell) return null;
    const button = cell.querySelector('button');
    if (button) return button;
    row += down;
    column += right;
  }
}

export function useTableKeys(box: { current: HTMLTableElement | null }) {
  /* After every drawing one button is the stop, wherever the numbers put them. */
  useEffect(() => {
    const table = box.current;
    if (table && !table.querySelector('button[tabindex="0"]')) table.querySelector('button')?.setAttribute('tabindex', '0');
  });
  return (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    const cell = (event.target as Element).closest<HTMLTableCellElement>('td, th');
    if (!step || !cell || !box.current) return;
    const next = from(box.current, cell, step);
    event.preventDefault();
    if (!next) return;
    (event.target as Element).setAttribute('tabindex', '-1');
    next.setAttribute('tabindex', '0');
    next.focus();
  };
}
