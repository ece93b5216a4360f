/* What could stand at the cursor of the filter box: fields, then the values that are in the queue now, with counts. */
import { signal } from '@preact/signals';
import { aborted, get, problemIn } from '../api/client';
import type { FilterCompletion, FilterCompletions } from '../api/types';
import { codePoints, replaced } from '../lib/filter';
import { MOST_CHARACTERS } from './filterBox';

const WAIT_MS = 80;
const MOST = 12;

export const completions = signal<FilterCompletions | null>(null);
/** Which of them the arrows have reached; -1 for none. */
export const reached = signal(-1);

let stop = new AbortController();
let timer: ReturnType<typeof setTimeout> | undefined;
/* The text that the list is about: between a key and the answer to it, the box holds another. */
let answered = '';

export function closeCompletions(): void {
  clearTimeout(timer);
  stop.abort();
  completions.value = null;
  reached.value = -1;
}

async function ask(text: string, cursor: number): Promise<void> {
  stop.abort();
  stop = new AbortController();
  try {
    const found = await get<FilterCompletions>('/filters/completions', { text, at: codePoints(text, cursor), limit: MOST }, stop.signal);
    completions.value = found.items.length > 0 ? found : null;
    answered = text;
    reached.value = -1;
  } catch (error) {
    if (aborted(error)) return;
    problemIn(error); /* without suggestions one can type on */
    closeCompletions();
  }
}

export function suggest(text: string, cursor: number): void {
  clearTimeout(timer);
  reached.value = -1;
  if (text.length > MOST_CHARACTERS) return closeCompletions();
  timer = setTimeout(() => void ask(text, cursor), WAIT_MS);
}

/** Whether the list is about this text; one about another must not be put into it. */
export const isAbout = (text: string): boolean => completions.value !== null && answered === text;

/** Asks at once what is else asked when the typing rests. */
export async function suggestNow(text: string, cursor: number): Promise<void> {
  clearTimeout(timer);
  await ask(text, cursor);
}

/** Moves through the list and back to the text, in a ring. */
export function reach(step: number): void {
  const all = completions.value?.items.length ?? 0;
  reached.value = ((reached.value + 1 + step + all + 1) % (all + 1)) - 1;
}

/** The text with a completion in place; a blank follows what is a whole term and ends the text. */
export function completed(text: string, item: FilterCompletion): { text: string; cursor: number } {
  const done = replaced(text, completions.value!, item.insert);
  return item.complete && done.cursor === done.text.length ? { text: `${done.text} `, cursor: done.cursor + 1 } : done;
}
