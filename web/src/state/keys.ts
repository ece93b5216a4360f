/*
 * Keys that work anywhere on the page, unless one is typing, asked something, or has switched them off. Those that are
 * about rows need the table's focus: letters typed with the focus nowhere must not act on mail. Actions also work on what
 * is marked, wherever the focus is.
 */
import { askForMarked, askForOne, flushAsked, question } from './actions';
import { focused, marked, toggleOpen, toggleRow, unmarkAll } from './marks';
import { focusTable, openFocusedPage, movers } from '../queue/useGridKeys';
import { moveBy } from '../queue/useGridKeys';
import { keysOn } from './prefs';
import { go, goTo, hrefOf, levelUp, page, route } from './route';
import { paused, setPaused } from './live';
import { mayAct } from './session';
import { refresh, rowAtOffset } from './view';
import type { Action } from '../api/types';

const ACTION_KEYS: Record<string, Action> = { t: 'retry', h: 'hold', u: 'release', '#': 'delete' };
const PREFIX_MS = 1500;
let prefixed = 0;

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.matches('textarea, select, input:not([type=checkbox])') || target.isContentEditable);

/** `g` and then a letter goes to a page. */
function goBy(key: string): boolean {
  if (Date.now() - prefixed > PREFIX_MS) return false;
  prefixed = 0;
  if (key === 'q') goTo(hrefOf({}));
  else if (key === 's') goTo(hrefOf({ page: 'settings' }));
  else if (key === 'a') goTo(hrefOf({ page: 'alerts' }));
  else if (key === 'j') go({ jobs: 'all' }, true);
  else if (key === 't' && page.value === 'queue') focusTable();
  else if (key === 'i' && page.value === 'queue') document.querySelector<HTMLElement>('.incidents [tabindex="0"]')?.focus();
  else return false;
  return true;
}

/** Whether the focus is in the table's rows; the details of an open row and the table's head are not. */
function inTable(): boolean {
  const at = document.activeElement;
  return at !== null && at.closest('[data-grid]') !== null && at.closest('.expansion, .head') === null;
}

/** An action on what is marked, or on the row with the focus. */
function act(action: Action): void {
  if (!mayAct.value) return;
  if (marked.value > 0) return askForMarked(action);
  if (!inTable()) return;
  const row = rowAtOffset(focused.value);
  if (row && !row.gone) askForOne(action, row.id);
}

/** One level back: what is marked, what is open, the page. */
function back(): boolean {
  if (route.value.jobs) go({ jobs: '' }, true);
  else if (page.value !== 'queue') levelUp();
  else if (marked.value > 0) unmarkAll();
  else if (route.value.open.length > 0) toggleOpen(route.value.open.at(-1)!);
  else return false;
  return true;
}

function onQueue(key: string, shift: boolean): boolean {
  if (ACTION_KEYS[key]) act(ACTION_KEYS[key]!);
  else if (key === 'r') void refresh();
  else if (!inTable()) return false;
  else if ((key === 'j' || key === 'k') && movers.current) return moveBy(key, shift, movers.current);
  else if (key === 'x') toggleRow(focused.value);
  else if (key === 'o') openFocusedPage();
  else return false;
  return true;
}

function press(key: string, shift: boolean): boolean {
  if (goBy(key)) return true;
  if (key === 'g') prefixed = Date.now();
  else if (key === '/') {
    const filter = document.getElementById('filter');
    if (!filter) return false;
    filter.focus();
  } else if (key === 'p') setPaused(!paused.value);
  else if (key === '?') goTo(hrefOf({ page: 'help' }));
  else if (key === 'Escape') return back();
  else return page.value === 'queue' && onQueue(key, shift);
  return true;
}

export function startKeys(): () => void {
  const listener = (event: KeyboardEvent) => {
    if (!keysOn.value || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target) || question.value || flushAsked.value || document.querySelector('dialog[open]')) return;
    if (press(event.key.length === 1 ? event.key.toLowerCase() : event.key, event.shiftKey)) event.preventDefault();
  };
  addEventListener('keydown', listener);
  return () => removeEventListener('keydown', listener);
}
