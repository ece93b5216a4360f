/*
 * One Tab stop for a grid whose rows hold buttons and links: up and down go from row to row, left and right within one.
 * The stop is where the focus was last, else the first. What a menu holds is not part of it.
 */
import { useEffect, useRef } from 'preact/hooks';

const STOPS = 'a[href], button:not(:disabled)';

const rowsOf = (box: HTMLElement): HTMLElement[][] =>
  [...box.querySelectorAll<HTMLElement>('[role=row]')]
    .map((row) => [...row.querySelectorAll<HTMLElement>(STOPS)])
    .filter((row) => row.length > 0);

const last = <T>(list: T[]): T => list[list.length - 1]!;

function target(rows: HTMLElement[][], from: HTMLElement, key: string): HTMLElement | undefined {
  const y = rows.findIndex((row) => row.includes(from));
  if (y < 0) return undefined;
  const row = rows[y]!;
  const x = row.indexOf(from);
  switch (key) {
    case 'ArrowRight':
      return row[Math.min(x + 1, row.length - 1)];
    case 'ArrowLeft':
      return row[Math.max(x - 1, 0)];
    case 'ArrowDown':
    case 'ArrowUp': {
      const next = rows[Math.min(Math.max(y + (key === 'ArrowDown' ? 1 : -1), 0), rows.length - 1)]!;
      return next[Math.min(x, next.length - 1)];
    }
    case 'Home':
      return rows[0]![0];
    case 'End':
      return last(rows)[0];
    default:
      return undefined;
  }
}

export function useGridNav<T extends HTMLElement>() {
  const box = useRef<T>(null);
  const stop = useRef<HTMLElement | null>(null);
  const setStop = () => {
    const all = box.current ? rowsOf(box.current).flat() : [];
    if (!stop.current || !all.includes(stop.current)) stop.current = all[0] ?? null;
    for (const each of all) each.tabIndex = each === stop.current ? 0 : -1;
  };
  useEffect(setStop);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !box.current) return;
    const next = target(rowsOf(box.current), event.target as HTMLElement, event.key);
    if (!next) return;
    event.preventDefault();
    stop.current = next;
    setStop();
    next.focus();
  };
  const onFocusIn = (event: FocusEvent) => {
    if (!(event.target as Element).matches(STOPS)) return;
    stop.current = event.target as HTMLElement;
    setStop();
  };
  return { ref: box, onKeyDown, onFocusIn };
}
