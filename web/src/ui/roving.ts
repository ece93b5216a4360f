/*
 * A group of buttons is one tab stop: the arrows, Home and End go from button to button. Put on the group's element;
 * after every drawing exactly one button is the stop: the one that had the focus last, else the pressed one, else the first.
 */
import { useEffect, useRef } from 'preact/hooks';

const STEPS: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };

const buttonsOf = (box: HTMLElement): HTMLButtonElement[] => [...box.querySelectorAll<HTMLButtonElement>('button:not(:disabled)')];

function setStop(all: HTMLButtonElement[], stop: HTMLButtonElement): void {
  for (const each of all) each.tabIndex = each === stop ? 0 : -1;
}

export function useRoving<T extends HTMLElement>() {
  const box = useRef<T>(null);
  const last = useRef<HTMLButtonElement | null>(null);
  useEffect(() => {
    const all = box.current ? buttonsOf(box.current) : [];
    if (all.length === 0) return;
    setStop(all, all.find((each) => each === last.current) ?? all.find((each) => each.getAttribute('aria-pressed') === 'true') ?? all[0]!);
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    const all = box.current ? buttonsOf(box.current) : [];
    const at = all.indexOf(event.target as HTMLButtonElement);
    if (step === undefined || at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    last.current = all[Math.min(Math.max(at + step, 0), all.length - 1)]!;
    setStop(all, last.current);
    last.current.focus();
  };
  return { ref: box, onKeyDown };
}
