/*
 * Which messages are marked: by name, or all rows of one frozen view less exceptions. An action takes exactly this, so
 * what is marked, previewed and acted on cannot differ. All functions here are pure; the page keeps the value.
 */
import type { Target } from '../api/types';

export type Selection =
  { mode: 'ids'; ids: ReadonlySet<string> } | { mode: 'all'; view: string; matched: number; except: ReadonlySet<string> };

export const NOTHING: Selection = { mode: 'ids', ids: new Set() };

export const isMarked = (selection: Selection, id: string): boolean =>
  selection.mode === 'ids' ? selection.ids.has(id) : !selection.except.has(id);

export const countOf = (selection: Selection): number =>
  selection.mode === 'ids' ? selection.ids.size : Math.max(0, selection.matched - selection.except.size);

function changed(set: ReadonlySet<string>, ids: Iterable<string>, present: boolean): Set<string> {
  const next = new Set(set);
  for (const id of ids) {
    if (present) next.add(id);
    else next.delete(id);
  }
  return next;
}

/** Marks or unmarks messages. */
export function mark(selection: Selection, ids: Iterable<string>, marked: boolean): Selection {
  if (selection.mode === 'ids') return { mode: 'ids', ids: changed(selection.ids, ids, marked) };
  return { ...selection, except: changed(selection.except, ids, !marked) };
}

export const toggle = (selection: Selection, id: string): Selection => mark(selection, [id], !isMarked(selection, id));

export const selectAll = (view: string, matched: number): Selection => ({ mode: 'all', view, matched, except: new Set() });

/** What the box in the table's head shows for the rows that are loaded. */
export function headState(selection: Selection, loaded: readonly string[]): 'none' | 'some' | 'all' {
  if (countOf(selection) === 0) return 'none';
  if (selection.mode === 'all') return selection.except.size === 0 ? 'all' : 'some';
  return loaded.length > 0 && loaded.every((id) => selection.ids.has(id)) ? 'all' : 'some';
}

export const targetOf = (selection: Selection): Target =>
  selection.mode === 'ids' ? { ids: [...selection.ids] } : { view: selection.view, except: [...selection.except] };

/** Messages between the anchor and a row, both included; either end may come first. */
export function between(anchor: number, row: number): [number, number] {
  return anchor <= row ? [anchor, row] : [row, anchor];
}
