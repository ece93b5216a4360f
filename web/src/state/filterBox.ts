/*
 * The text in the filter box, and what the server says it means. Every change is explained soon (the last answer wins);
 * a text that is a filter becomes the page's filter when the typing rests and its last term is ended, so that half of
 * "from:" is not looked for as a word; else by Enter or when the box is left. One that is no filter waits longer: then it
 * stands in the address with its mistake, and the last good rows stay.
 */
import { computed, signal } from '@preact/signals';
import { aborted, get, problemIn } from '../api/client';
import type { FilterChip, FilterExplanation } from '../api/types';
import { isEnded, negate, replaced } from '../lib/filter';
import { changeFilter } from './marks';
import { filter } from './route';

const EXPLAIN_MS = 120;
const SETTLE_MS = 400;
const WRONG_MS = 2000;
/** What fits into an address. The API's and the command line's filters may be longer. */
export const MOST_CHARACTERS = 4096;

export const typed = signal('');
/** What the server said last; of `typed` when its text is that. */
export const explained = signal<FilterExplanation | null>(null);
export const editing = signal(false);
export const tooLong = computed(() => [...typed.value].length > MOST_CHARACTERS);

let stop = new AbortController();
let explainTimer: ReturnType<typeof setTimeout> | undefined;
let applyTimer: ReturnType<typeof setTimeout> | undefined;
let typedOnce = false;

/** Makes the text the page's filter; while one goes on typing it stays one step of the browser's history. */
export function apply(): void {
  clearTimeout(applyTimer);
  if (tooLong.value) return;
  changeFilter(typed.value.trim(), typedOnce);
  typedOnce = editing.value;
}

function applyAfter(ms: number): void {
  clearTimeout(applyTimer);
  if (typed.value.trim() !== '' && !isEnded(typed.value)) return;
  applyTimer = setTimeout(apply, ms);
}

async function explain(mayApply: boolean): Promise<void> {
  stop.abort();
  stop = new AbortController();
  const text = typed.value;
  if (text.trim() === '' || tooLong.value) {
    explained.value = null;
    if (mayApply) applyAfter(SETTLE_MS);
    return;
  }
  try {
    explained.value = await get<FilterExplanation>('/filters', { text }, stop.signal);
    if (mayApply) applyAfter(explained.value.error ? WRONG_MS : SETTLE_MS - EXPLAIN_MS);
  } catch (error) {
    if (aborted(error)) return;
    problemIn(error); /* what keeps the server from explaining is said where the rows should be */
    if (mayApply) applyAfter(SETTLE_MS);
  }
}

function put(text: string, mayApply: boolean, wait: number): void {
  typed.value = text;
  clearTimeout(explainTimer);
  clearTimeout(applyTimer);
  explainTimer = setTimeout(() => void explain(mayApply), wait);
}

/** Somebody types. */
export const type = (text: string): void => put(text, true, EXPLAIN_MS);

/** The page's filter became another one: by a click, by the address. */
export function follow(filter: string): void {
  if (filter === typed.value.trim() && (explained.value?.text.trim() ?? '') === filter) return;
  if (filter !== typed.value.trim()) typedOnce = false;
  put(filter === typed.value.trim() ? typed.value : filter, false, 0);
}

/** Text that was chosen, not typed: it counts at once. */
export function choose(text: string): void {
  put(text, false, 0);
  apply();
}

export function startEditing(): void {
  editing.value = true;
  typedOnce = false;
}

export function endEditing(): void {
  editing.value = false;
  typedOnce = false;
  if (typed.value !== '' || explained.value) apply();
}

/** What stands in the box is not what the page shows: it is not ended, and nobody has pressed Enter. */
export const notYet = computed(() => editing.value && typed.value.trim() !== filter.value && !tooLong.value && !isEnded(typed.value));

/** The box says again what the page shows; false when it does. */
export function takeBackTyping(): boolean {
  if (typed.value.trim() === filter.value) return false;
  put(filter.value, false, 0);
  return true;
}

/** The explanation, as long as it is of what stands in the box. */
export const meaning = computed(() => (explained.value?.text === typed.value ? explained.value : null));

/** The mistake in the text, and whether it is only not finished yet by somebody who types on. */
export const fault = computed(() => {
  const wrong = explained.value?.error;
  if (!wrong) return null;
  return { ...wrong, text: explained.value!.text, unfinished: editing.value && wrong.column > [...explained.value!.text.trimEnd()].length };
});

export const dropChip = (chip: FilterChip): void => choose(replaced(explained.value!.text, chip.removal, '').text.trim());
export const turnChip = (chip: FilterChip): void => choose(replaced(explained.value!.text, chip, negate(chip.text)).text.trim());
