/*
 * The rows of one frozen view that have been read, in blocks by offset, and the requests for those that have not come
 * yet. Blocks far from sight are dropped when there are too many; they are read again when they come in sight.
 */
import { get } from '../api/client';
import type { Row, Rows } from '../api/types';

export const BLOCK = 100;
const MOST_BLOCKS = 400; /* 40,000 rows */

export class RowBlocks {
  private blocks: Map<number, Row[]>;
  private readonly pending = new Map<number, AbortController>();

  constructor(
    readonly viewId: string,
    first?: { block: number; rows: Row[] },
  ) {
    this.blocks = new Map(first ? [[first.block, first.rows]] : []);
  }

  static read(viewId: string, block: number, signal?: AbortSignal): Promise<Rows> {
    return get<Rows>(`/views/${viewId}/rows`, { offset: block * BLOCK, limit: BLOCK }, signal);
  }

  at(offset: number): Row | undefined {
    return this.blocks.get(Math.floor(offset / BLOCK))?.[offset % BLOCK];
  }

  has(block: number): boolean {
    return this.blocks.has(block);
  }

  /** Offset of a message among the rows that are loaded, or -1. */
  offsetOf(id: string): number {
    for (const [block, rows] of this.blocks) {
      const at = rows.findIndex((row) => row.id === id);
      if (at >= 0) return block * BLOCK + at;
    }
    return -1;
  }

  /** Of all rows that are loaded and still queued. */
  ids(): string[] {
    return [...this.blocks.values()].flatMap((rows) => rows.filter((row) => !row.gone).map((row) => row.id));
  }

  /** What is known of a block, else what the server says now. */
  async rows(block: number): Promise<Row[]> {
    return this.blocks.get(block) ?? (await RowBlocks.read(this.viewId, block)).rows;
  }

  /** Reads a block again, whether or not it is known. */
  async reread(block: number): Promise<void> {
    this.blocks.set(block, (await RowBlocks.read(this.viewId, block)).rows);
  }

  /** Reads a block that is not on its way yet. False when it was, or was given up. `middle`: the offset in sight. */
  async load(block: number, middle: number): Promise<boolean> {
    if (this.pending.has(block)) return false;
    const controller = new AbortController();
    this.pending.set(block, controller);
    try {
      const { rows } = await RowBlocks.read(this.viewId, block, controller.signal);
      this.blocks.set(block, rows);
      this.prune(middle / BLOCK);
      return true;
    } catch (error) {
      if (controller.signal.aborted) return false;
      throw error;
    } finally {
      if (this.pending.get(block) === controller) this.pending.delete(block);
    }
  }

  /** Gives up the requests for all blocks but these. */
  abortAllBut(wanted: Set<number>): void {
    for (const [block, controller] of this.pending) {
      if (wanted.has(block)) continue;
      controller.abort();
      this.pending.delete(block);
    }
  }

  private prune(middle: number): void {
    if (this.blocks.size <= MOST_BLOCKS) return;
    const far = [...this.blocks.keys()].sort((a, b) => Math.abs(b - middle) - Math.abs(a - middle));
    for (const block of far.slice(0, this.blocks.size - MOST_BLOCKS)) this.blocks.delete(block);
  }
}
