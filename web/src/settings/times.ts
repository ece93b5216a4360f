/* Times as Postfix takes them: whole numbers with one unit. */
const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

export const UNITS = ['s', 'm', 'h', 'd', 'w'] as const;

/** A number and a unit of a time as it is written; null when it is not a plain time. A missing unit is `unit`. */
export function splitTime(text: string, unit: string): { number: string; unit: string } | null {
  const found = /^(\d{1,9})([smhdw])?$/.exec(text.trim());
  return found ? { number: found[1]!, unit: found[2] ?? unit } : null;
}

/** Seconds, or null when it is no number. */
export function secondsOf(number: string, unit: string): number | null {
  return /^\d{1,9}$/.test(number.trim()) ? Number(number.trim()) * (SECONDS[unit] ?? NaN) : null;
}
