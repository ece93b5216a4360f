/*
 * Numbers, sizes and times as the reader's language writes them, always with 24 hours and in the reader's zone; the exact
 * time is for the hover. The words around them are in the catalogues (web/src/words).
 */

const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
const SECONDS = { ...CLOCK, second: '2-digit' } as const;
const DAY = { day: 'numeric', month: 'short' } as const;

/* Sweden writes dates as ISO 8601 does. */
const ISO = 'sv-SE';
const ISO_DAY = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;

function make(locale: string, iso: boolean) {
  const time = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(iso ? ISO : locale, options);
  return {
    integer: new Intl.NumberFormat(locale),
    oneDigit: new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    plural: new Intl.PluralRules(locale),
    clock: time(SECONDS),
    clockShort: time(CLOCK),
    day: time(iso ? ISO_DAY : DAY),
    dayYear: time(iso ? ISO_DAY : { ...DAY, year: 'numeric' }),
    weekday: new Intl.DateTimeFormat(locale, { weekday: 'short' }),
    full: time({ ...(iso ? ISO_DAY : { ...DAY, year: 'numeric', weekday: 'short' }), ...SECONDS, timeZoneName: 'short' }),
    and: new Intl.ListFormat(locale, { type: 'conjunction' }),
    or: new Intl.ListFormat(locale, { type: 'disjunction' }),
  };
}

let f = make('en-GB', false);

/** Everything is written for this locale from now on; with `iso` dates are 2026-11-03. Called before the first rendering. */
export function writeFor(locale: string, iso: boolean): void {
  f = make(locale, iso);
}

export const count = (value: number): string => f.integer.format(value);

export const oneDecimal = (value: number): string => (value >= 10 ? count(Math.round(value)) : f.oneDigit.format(value));

/** The same, without a decimal that says nothing. */
export const shortDecimal = (value: number): string => (Math.round(value * 10) % 10 === 0 ? count(Math.round(value)) : oneDecimal(value));

/** Which of a language's forms goes with a number. */
export const pluralOf = (value: number): Intl.LDMLPluralRule => f.plural.select(value);

/** "a, b and c" */
export const andList = (parts: readonly string[]): string => f.and.format(parts);
export const orList = (parts: readonly string[]): string => f.or.format(parts);

const SIZES = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A size in bytes with one decimal where it tells something: 812 B, 4.2 kB, 118 kB. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < SIZES.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const text = unit > 0 && value < 9.95 ? f.oneDigit.format(value) : count(Math.round(value));
  return `${text} ${SIZES[unit]}`;
}

/* The units that Postfix and the filter know; with the symbols that all languages share. */
const SPANS: [string, number][] = [
  ['w', 604800],
  ['d', 86400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
];

/** A span of seconds in its two largest units: 45 s, 6 min, 2 h 10 min, 4 d 3 h. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const units = whole < 1_209_600 ? SPANS.slice(1) : SPANS;
  const first = units.findIndex(([, length]) => whole >= length);
  const [name, length] = units[first]!;
  const lead = Math.floor(whole / length);
  const next = units[first + 1];
  if (!next || lead >= 10 || name === 'min') return `${lead} ${name}`;
  const rest = Math.floor((whole - lead * length) / next[1]);
  return rest > 0 ? `${lead} ${name} ${rest} ${next[0]}` : `${lead} ${name}`;
}

/** How long a machine took: 340 ms, 1.2 s. */
export const took = (ms: number): string => (ms < 1000 ? `${count(ms)} ms` : `${f.oneDigit.format(ms / 1000)} s`);

/** Seconds as Postfix writes them in its configuration: the largest unit that divides them. */
export function postfixTime(seconds: number): string {
  for (const [unit, length] of [
    ['d', 86400],
    ['h', 3600],
    ['m', 60],
  ] as const) {
    if (seconds !== 0 && seconds % length === 0) return `${seconds / length}${unit}`;
  }
  return `${seconds}s`;
}

/* So long ago, or ahead, that the year has to be said. */
const isFar = (date: Date, now: number): boolean => Math.abs(now - date.getTime()) >= 300 * 86_400_000;

const sameDay = (a: Date, b: Date): boolean => a.toDateString() === b.toDateString();

export const timeOfDay = (time: string | number): string => f.clock.format(new Date(time));
export const shortTime = (time: string | number): string => f.clockShort.format(new Date(time));

/** A point in time as short as it can be without being unclear at `now`: 14:05:09, 3 Nov 14:05, 3 Nov 2025. */
export function when(time: string, now: number): string {
  const date = new Date(time);
  const today = new Date(now);
  if (Number.isNaN(date.getTime())) return '';
  if (sameDay(date, today)) return f.clock.format(date);
  if (!isFar(date, now)) return `${f.day.format(date)} ${f.clockShort.format(date)}`;
  return f.dayYear.format(date);
}

/** The day alone: 3 Nov. */
export const dayOf = (time: string | number): string => f.day.format(new Date(time));

/** Since when, in one short word or two: 14:05 of today, Sun 17:45 of the 24 hours before it, 27 Nov of earlier. */
export function sinceWhen(time: string, now: number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return '';
  if (sameDay(date, new Date(now))) return f.clockShort.format(date);
  if (now - date.getTime() < 86_400_000) return `${f.weekday.format(date)} ${f.clockShort.format(date)}`;
  return (isFar(date, now) ? f.dayYear : f.day).format(date);
}

/** The exact time, zone and all. */
export const exact = (time: string): string => {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : `${f.full.format(date)} (${date.toISOString()})`;
};

/** Seconds from `from` to `to`, both RFC 3339 or milliseconds. */
export const secondsBetween = (from: string | number, to: string | number): number =>
  (new Date(to).getTime() - new Date(from).getTime()) / 1000;

/** A share as a whole per cent, never 0 for something and never 100 for less than all. */
export function percent(part: number, whole: number): string {
  if (whole <= 0) return '0 %';
  const value = (part / whole) * 100;
  if (part > 0 && value < 1) return '<1 %';
  if (part < whole && value > 99) return '>99 %';
  return `${Math.round(value)} %`;
}
