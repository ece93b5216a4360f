/* Numbers, sizes and times as the page writes them. Times are in the reader's zone; the exact one is for the hover. */

const integer = new Intl.NumberFormat('en');
const oneDigit = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export const count = (value: number): string => integer.format(value);

export const oneDecimal = (value: number): string => (value >= 10 ? integer.format(Math.round(value)) : oneDigit.format(value));

const SIZES = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A size in bytes with one decimal where it tells something: 812 B, 4.2 kB, 118 kB. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < SIZES.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const text = unit > 0 && value < 9.95 ? oneDigit.format(value) : integer.format(Math.round(value));
  return `${text} ${SIZES[unit]}`;
}

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

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const clockShort = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const dayYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const full = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
});

const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'short' });

const sameDay = (a: Date, b: Date): boolean => a.toDateString() === b.toDateString();

export const timeOfDay = (time: string | number): string => clock.format(new Date(time));
export const shortTime = (time: string | number): string => clockShort.format(new Date(time));

/** A point in time as short as it can be without being unclear at `now`: 14:05:09, 3 Nov 14:05, 3 Nov 2025. */
export function when(time: string, now: number): string {
  const date = new Date(time);
  const today = new Date(now);
  if (Number.isNaN(date.getTime())) return '';
  if (sameDay(date, today)) return clock.format(date);
  if (Math.abs(now - date.getTime()) < 300 * 86_400_000) return `${day.format(date)} ${clockShort.format(date)}`;
  return dayYear.format(date);
}

/** Since when, in one short word or two: 14:05 of today, Sun 17:45 of the 24 hours before it, 27 Nov of earlier. */
export function sinceWhen(time: string, now: number): string {
  const date = new Date(time);
  if (sameDay(date, new Date(now))) return clockShort.format(date);
  if (now - date.getTime() < 86_400_000) return `${weekday.format(date)} ${clockShort.format(date)}`;
  return when(time, now).replace(/ \d\d:.*$/, '');
}

/** The exact time, zone and all. */
export const exact = (time: string): string => {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : `${full.format(date)} (${date.toISOString()})`;
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
