/* What a person chose for this browser: language, colours, keys, pages instead of scrolling, saved views. */
import { effect, signal, type Signal } from '@preact/signals';
import { ownName } from '../api/place';

export interface SavedView {
  name: string;
  address: string;
}

function stored<T>(name: string, usual: T): Signal<T> {
  const key = ownName(`postroom.${name}`);
  let first = usual;
  try {
    const text = localStorage.getItem(key);
    if (text !== null) first = JSON.parse(text) as T;
  } catch {
    /* Storage that is switched off or broken is no reason not to work. */
  }
  const value = signal<T>(first);
  effect(() => {
    const text = JSON.stringify(value.value);
    try {
      localStorage.setItem(key, text);
    } catch {
      /* as above */
    }
  });
  return value;
}

export type Theme = 'system' | 'light' | 'dark';

export const theme = stored<Theme>('theme', 'system');
/** A language of the page, or the browser's. Like the dates, it counts from the next load. */
export const languageChoice = stored('language', 'browser');
/** As the language writes them, or 2026-11-03. */
export const dates = stored<'language' | 'iso'>('dates', 'language');
export const keysOn = stored('keys', true);
export const paging = stored('paging', false);
/** Whether the strip above the table is opened to the chart. */
export const showChart = stored('chart-open', false);
/** What stands where the chart is. */
export const above = stored<'depth' | 'shape'>('above', 'depth');
export const showGroups = stored('groups', true);
/** Kinds of groups that are open beside the table. */
export const openFacets = stored<string[]>('facets', ['cause', 'recipient_domain', 'sender']);
export const savedViews = stored<SavedView[]>('views', []);

/** Keeps the chosen colours on the root element, where the tokens look for them. */
export function startPrefs(): void {
  effect(() => {
    const root = document.documentElement;
    if (theme.value === 'system') delete root.dataset.theme;
    else root.dataset.theme = theme.value;
  });
}
