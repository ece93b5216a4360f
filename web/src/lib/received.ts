/* Reads Received headers into the path that a message took. Anyone before our own host may have made them up. */
export interface Hop {
  from: string | null;
  by: string | null;
  protocol: string | null;
  /** Milliseconds, or null where the date cannot be read. */
  at: number | null;
  /** Seconds since the hop before; negative where clocks differ. */
  delay: number | null;
}

const word = (text: string, name: string): string | null =>
  new RegExp(`(?:^|\\s)${name}\\s+((?:[^\\s;()]+)(?:\\s*\\([^()]*(?:\\([^()]*\\)[^()]*)*\\))?)`, 'i').exec(text)?.[1] ?? null;

/** The hops in the order in which the message made them; headers come newest first. */
export function receivedPath(values: string[]): Hop[] {
  const hops = [...values].reverse().map((value): Hop => {
    const semicolon = value.lastIndexOf(';');
    const date = semicolon < 0 ? NaN : Date.parse(value.slice(semicolon + 1).replace(/\([^)]*\)/g, '').trim());
    const text = semicolon < 0 ? value : value.slice(0, semicolon);
    return { from: word(text, 'from'), by: word(text, 'by'), protocol: word(text, 'with'), at: Number.isNaN(date) ? null : date, delay: null };
  });
  hops.forEach((hop, index) => {
    const before = hops[index - 1];
    if (before?.at !== null && before?.at !== undefined && hop.at !== null) hop.delay = (hop.at - before.at) / 1000;
  });
  return hops;
}
