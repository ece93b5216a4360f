/* The page's one selection, the row that has the focus, and what is open in place. */
import { computed, effect, signal } from '@preact/signals';
import { withTerm } from '../lib/filter';
import { filter, go, page, route, sort } from './route';
import { say } from './toasts';
import { W } from '../words';
import { between, countOf, mark, NOTHING, selectAll, type Selection, toggle } from './selection';
import { atTop, loadedIds, queueView, rowAtOffset, rowsBetween, rowsChanged, view, viewProblem } from './view';

export const selection = signal<Selection>(NOTHING);
/** The selection that a new filter cleared, for "Restore". */
export const cleared = signal<Selection | null>(null);
/** Offset of the row with the focus. */
export const focused = signal(0);
/** A question is being asked about the rows. */
export const asking = signal(false);

let anchor = 0;

export const marked = computed(() => countOf(selection.value));

/** Marked messages that have left the queue, as far as the loaded rows tell. */
export const markedGone = computed(() => {
  void rowsChanged.value;
  const now = selection.value;
  if (now.mode === 'all') return view.value?.id === now.view ? view.value.gone : 0;
  if (now.ids.size === 0) return 0;
  const alive = new Set(loadedIds());
  let gone = 0;
  for (let offset = 0; offset < (view.value?.matched ?? 0) && offset < 40_000; offset += 1) {
    const row = rowAtOffset(offset);
    if (row?.gone && now.ids.has(row.id) && !alive.has(row.id)) gone += 1;
  }
  return gone;
});

queueView.setGuards({
  mayMove: () => atTop.value && marked.value === 0 && route.value.open.length === 0 && !asking.value,
  isKept: (id) => [selection.value, cleared.value].some((kept) => kept?.mode === 'all' && kept.view === id),
  focus: {
    id: () => rowAtOffset(focused.value)?.id ?? null,
    moveTo: (offset) => {
      anchor += offset - focused.value;
      focused.value = offset;
    },
  },
});

export function toggleRow(offset: number): void {
  const row = rowAtOffset(offset);
  if (!row) return;
  anchor = offset;
  selection.value = toggle(selection.value, row.id);
}

/** Marks from the last marked row to this one. */
export async function markRange(offset: number): Promise<void> {
  const [first, last] = between(anchor, offset);
  const rows = await rowsBetween(first, last);
  selection.value = mark(
    selection.value,
    rows.filter((row) => !row.gone).map((row) => row.id),
    true,
  );
}

export function markLoaded(marked: boolean): void {
  selection.value = marked ? mark(NOTHING, loadedIds(), true) : NOTHING;
}

export function markAllMatching(): void {
  if (view.value) selection.value = selectAll(view.value.id, view.value.matched);
}

export function unmarkAll(): void {
  selection.value = NOTHING;
}

function clearMarks(): void {
  if (marked.value > 0) {
    cleared.value = selection.value;
    say(W.clearedMarks(marked.value), { label: W.restore, run: restoreMarks });
  }
  selection.value = NOTHING;
}

/** A new filter clears the marks, which can be restored. `replace`: no step of the browser's history of its own. */
export function changeFilter(text: string, replace = false): void {
  if (text === filter.value) return;
  clearMarks();
  focused.value = 0;
  go({ page: 'queue', filter: text, open: [] }, replace);
}

/* A link, or the way back, may change the filter too: "all of them" is then said of other rows. Another page has no filter. */
let madeFor = filter.value;

effect(() => {
  void selection.value;
  madeFor = filter.peek();
});

effect(() => {
  if (page.value === 'queue' && filter.value !== madeFor && marked.peek() > 0) clearMarks();
});

/** Narrows the filter to a value, or excludes it; a filter with a mistake is left for the last good one. */
export function narrow(term: string, exclude: boolean): void {
  const good = viewProblem.value?.code === 'invalid_filter' ? (view.value?.filter ?? '') : filter.value;
  changeFilter(withTerm(good, term, exclude));
}

export function restoreMarks(): void {
  if (cleared.value) selection.value = cleared.value;
  cleared.value = null;
}

export function changeSort(field: string): void {
  const next = sort.value === field ? `-${field}` : field;
  go({ sort: next as typeof sort.value }, true);
}

export function toggleOpen(id: string): void {
  const open = route.value.open;
  go({ open: open.includes(id) ? open.filter((other) => other !== id) : [...open, id] }, true);
}
