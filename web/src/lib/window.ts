/*
 * Windowing for lists of any length. A browser ends at about 33 million px of element height (and loses precision well
 * before), so the scrolled element, the "spacer", is at most SPACER_MAX high. Positions on it are "real", positions in
 * the whole list are "virtual". They run one to one in the first and last EDGE px, so the ends feel exact, and are
 * compressed between; a small scroll step is always one to one, wherever it happens.
 */
export const SPACER_MAX = 16_000_000;
export const EDGE = 1_000_000;
/** A step up to this many px is a wheel, a key or a finger, not a drag of the scroll bar. */
export const SMALL_STEP = 4_000;

export interface Extent {
  /** Height of the whole list. */
  virtual: number;
  /** Height of what is seen of it at once. */
  viewport: number;
}

/** Heights beyond the row height of the few rows that are open, by row. */
export class Extras {
  private rows: number[] = [];
  private heights = new Map<number, number>();

  set(row: number, height: number): void {
    if (height <= 0) {
      if (this.heights.delete(row)) this.rows = this.rows.filter((other) => other !== row);
      return;
    }
    if (!this.heights.has(row)) this.rows = [...this.rows, row].sort((a, b) => a - b);
    this.heights.set(row, height);
  }

  get(row: number): number {
    return this.heights.get(row) ?? 0;
  }

  clear(): void {
    this.rows = [];
    this.heights.clear();
  }

  /** Sum of the extra heights of all rows before `row`. */
  before(row: number): number {
    let sum = 0;
    for (const open of this.rows) {
      if (open >= row) break;
      sum += this.get(open);
    }
    return sum;
  }

  total(): number {
    return this.before(Infinity);
  }

  openRows(): readonly number[] {
    return this.rows;
  }
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

export function spacerHeight(extent: Extent): number {
  return Math.min(extent.virtual, SPACER_MAX);
}

const maxReal = (extent: Extent): number => Math.max(0, spacerHeight(extent) - extent.viewport);
const maxVirtual = (extent: Extent): number => Math.max(0, extent.virtual - extent.viewport);

/** Where in the whole list a scroll position of the spacer stands. */
export function toVirtual(real: number, extent: Extent): number {
  const realEnd = maxReal(extent);
  const virtualEnd = maxVirtual(extent);
  const at = clamp(real, 0, realEnd);
  if (extent.virtual <= SPACER_MAX || at <= EDGE) return at;
  if (at >= realEnd - EDGE) return virtualEnd - (realEnd - at);
  return EDGE + ((at - EDGE) * (virtualEnd - 2 * EDGE)) / (realEnd - 2 * EDGE);
}

/** The inverse of toVirtual. */
export function toReal(virtual: number, extent: Extent): number {
  const realEnd = maxReal(extent);
  const virtualEnd = maxVirtual(extent);
  const at = clamp(virtual, 0, virtualEnd);
  if (extent.virtual <= SPACER_MAX || at <= EDGE) return at;
  if (at >= virtualEnd - EDGE) return realEnd - (virtualEnd - at);
  return EDGE + ((at - EDGE) * (realEnd - 2 * EDGE)) / (virtualEnd - 2 * EDGE);
}

/** The virtual position after the spacer scrolled from `before` to `real` while the list stood at `virtual`. */
export function afterScroll(virtual: number, before: number, real: number, extent: Extent): number {
  const step = real - before;
  const ends = real <= 0 || real >= maxReal(extent);
  if (Math.abs(step) <= SMALL_STEP && !ends) return clamp(virtual + step, 0, maxVirtual(extent));
  return toVirtual(real, extent);
}

export const topOf = (row: number, rowHeight: number, extras: Extras): number => row * rowHeight + extras.before(row);

export const listHeight = (count: number, rowHeight: number, extras: Extras): number => count * rowHeight + extras.total();

/** The row that covers a virtual position; 0 for an empty list. */
export function rowAt(virtual: number, count: number, rowHeight: number, extras: Extras): number {
  let row = Math.floor(virtual / rowHeight);
  for (const open of extras.openRows()) {
    const top = topOf(open, rowHeight, extras);
    if (virtual < top + rowHeight) break;
    const end = top + rowHeight + extras.get(open);
    row = virtual < end ? open : open + 1 + Math.floor((virtual - end) / rowHeight);
  }
  return clamp(row, 0, Math.max(0, count - 1));
}

/** First row in sight and the row after the last one, with `over` rows more on each side. */
export function rowsInSight(
  virtual: number,
  extent: Extent,
  count: number,
  rowHeight: number,
  extras: Extras,
  over: number,
): [number, number] {
  if (count === 0) return [0, 0];
  const first = rowAt(virtual, count, rowHeight, extras);
  const last = rowAt(virtual + extent.viewport, count, rowHeight, extras);
  return [Math.max(0, first - over), Math.min(count, last + 1 + over)];
}

/** The nearest virtual position at which a row is wholly in sight (its top, when it is higher than the viewport). */
export function reveal(row: number, virtual: number, extent: Extent, rowHeight: number, extras: Extras): number {
  const top = topOf(row, rowHeight, extras);
  const bottom = top + rowHeight + extras.get(row);
  if (top < virtual || bottom - top > extent.viewport) return clamp(top, 0, maxVirtual(extent));
  if (bottom > virtual + extent.viewport) return clamp(bottom - extent.viewport, 0, maxVirtual(extent));
  return virtual;
}
