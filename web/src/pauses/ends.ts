/* When a pause may end. */
export const HOURS = { '1': 1, '4': 4 } as const;
export type End = keyof typeof HOURS | 'morning' | 'own';

/** Eight o'clock of the next day, where the reader is. */
export function tomorrowMorning(): Date {
  const morning = new Date();
  morning.setDate(morning.getDate() + 1);
  morning.setHours(8, 0, 0, 0);
  return morning;
}

/** `own` is what a field for date and time holds. null: it holds none. */
export function endOf(end: End, own: string): Date | null {
  if (end === 'morning') return tomorrowMorning();
  if (end !== 'own') return new Date(Date.now() + HOURS[end] * 3_600_000);
  const date = new Date(own);
  return Number.isNaN(date.getTime()) ? null : date;
}
