/*
 * The page's language. All words stand in catalogues, one folder a language; English comes with the page, and every other
 * language in two pieces of its own: what the first screen says, and the rest (docs/guide/language.md).
 */
import { writeFor } from '../lib/format';
import { dates, languageChoice } from '../state/prefs';
import { speakServer } from './server';

/** Each by its own name. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGES;

type Catalogues = Record<string, object>;

/* Where the reader's browser names no region. */
const USUAL_LOCALE: Record<Language, string> = { en: 'en-GB', de: 'de-DE' };

const OTHERS: Record<Exclude<Language, 'en'>, { first: () => Promise<Catalogues>; later: () => Promise<Catalogues> }> = {
  de: {
    first: async () => {
      const [{ first }, { serverTexts }] = await Promise.all([import('./de/first'), import('./de/server')]);
      speakServer(serverTexts);
      return first;
    },
    later: async () => (await import('./de/later')).later,
  },
};

let now: Language = 'en';
let later: Promise<void> | null = null;
/* What the page reads, by name; and what was loaded for catalogues that the page has not come to yet. */
const read = new Map<string, object>();
let loaded: Catalogues = {};

/** A catalogue as the page reads it: these English words, or those of the language that was loaded. */
export function catalogue<T extends object>(name: string, english: T): T {
  const words = { ...english, ...loaded[name] };
  read.set(name, words);
  return words;
}

/** Puts the words of another language into their catalogues. Each has all keys: the compiler looks. */
export function take(catalogues: Catalogues): void {
  loaded = { ...loaded, ...catalogues };
  for (const [name, words] of Object.entries(catalogues)) Object.assign(read.get(name) ?? {}, words);
}

export const language = (): Language => now;

const isOurs = (tag: string): tag is Language => Object.hasOwn(LANGUAGES, tag);
const primary = (tag: string): string => tag.toLowerCase().split('-')[0]!;

/** The language that was chosen here, else the first of the browser's that the page speaks. */
export function chooseLanguage(chosen: string, browser: readonly string[]): Language {
  if (isOurs(chosen)) return chosen;
  return browser.map(primary).find(isOurs) ?? 'en';
}

/** The reader's own form of the language: Swiss numbers for de-CH. */
export const localeOf = (wanted: Language, browser: readonly string[]): string =>
  browser.find((tag) => primary(tag) === wanted && tag.length > 2) ?? USUAL_LOCALE[wanted];

/** Loads the words of the first screen. When they don't come, the page speaks English: the mail matters more. */
export async function startLanguage(): Promise<void> {
  const wanted = chooseLanguage(languageChoice.value, navigator.languages);
  if (wanted !== 'en') {
    try {
      take(await OTHERS[wanted].first());
      now = wanted;
    } catch {
      /* as said above */
    }
  }
  document.documentElement.lang = now;
  writeFor(localeOf(now, navigator.languages), dates.value === 'iso');
}

/** Resolves when the words of what is loaded later are there: before the code that reads them runs. */
export function laterWords(): Promise<void> {
  if (now === 'en') return Promise.resolve();
  later ??= OTHERS[now].later().then(take, () => {
    later = null;
  });
  return later;
}
