/* The span of time that the depth chart shows, as it stands in the address: `24h`, `7d`, or `from-to` in seconds. */
export interface Span {
  from: number;
  to: number;
}

export const PRESETS = ['1h', '6h', '24h', '7d', '30d', '365d'] as const;

const UNIT: Record<string, number> = { h: 3600, d: 86_400 };

/** Seconds since 1970; what cannot be understood is the last day. */
export function spanOf(range: string, now: number): Span {
  const fixed = /^(\d{9,11})-(\d{9,11})$/.exec(range);
  if (fixed && Number(fixed[1]) < Number(fixed[2])) return { from: Number(fixed[1]), to: Number(fixed[2]) };
  const last = /^(\d{1,4})([hd])$/.exec(range);
  const to = Math.floor(now / 1000);
  return { from: to - (last ? Number(last[1]) * UNIT[last[2]!]! : 86_400), to };
}

export const isPreset = (range: string): boolean => (PRESETS as readonly string[]).includes(range);

/** Samples as columns, with a null wherever a sample is missing, so that a gap is drawn as a gap. */
export function columnsOf<T extends { at: string }>(samples: T[], step: number, fields: (keyof T)[]): (number | null)[][] {
  const columns: (number | null)[][] = [[], ...fields.map(() => [])];
  let last = 0;
  for (const sample of samples) {
    const at = Math.floor(Date.parse(sample.at) / 1000);
    if (last > 0 && at - last > step * 1.9) columns.forEach((column, index) => column.push(index === 0 ? last + step : null));
    columns[0]!.push(at);
    fields.forEach((field, index) => columns[index + 1]!.push(sample[field] as number));
    last = at;
  }
  return columns;
}
