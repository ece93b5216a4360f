/*
 * The table's rows: a view that the server froze, read in blocks by offset (rowBlocks.ts). While nothing is marked, open
 * or asked and the table stands at its top, a new view is taken as the queue changes; else only the cells of the rows
 * in sight are read again, and the page says how many messages are new and how many left.
 */
import { computed, signal } from '@preact/signals';
import { get, post, problemIn, release } from '../api/client';
import type { Problem, Row, Rows, View } from '../api/types';
import { underHand } from './hand';
import { onEvent, paused, summary } from './live';
import { filter, sort } from './route';
import { BLOCK, RowBlocks } from './rowBlocks';

const LEAST_INTERVAL_MS = 2000;
const SHARE = 10; /* following takes at most a tenth of the server's time for it */

/** The message that has the table's focus; it keeps it in a new view, wherever it stands there. */
export interface Focus {
  id: () => string | null;
  moveTo: (offset: number) => void;
}

/** When the table may change its rows unasked, which views something still refers to, and what has the focus. */
export interface Guards {
  mayMove: () => boolean;
  isKept: (view: string) => boolean;
  focus: Focus;
}

export class QueueView {
  readonly view = signal<View | null>(null);
  /** Why there is no (new) view: a wrong filter, no answer. The last good one stays. */
  readonly viewProblem = signal<Problem | null>(null);
  readonly loading = signal(false);
  /** When the rows were last read as they are, in milliseconds. */
  readonly rowsAt = signal(Date.now());
  /** Counts changes of the rows; what draws rows depends on it. */
  readonly rowsChanged = signal(0);
  /** Set by the table: the rows in sight, and whether it stands at its top. */
  readonly inSight = signal<[number, number]>([0, 50]);
  readonly atTop = signal(true);
  /** By how many rows the table should move, once, so that the message at which it stood stays where it is. */
  readonly shift = signal(0);
  /** Counts views of another filter or order than the one before: the table then begins at its top. */
  readonly restarts = signal(0);
  readonly fresh = computed(() => ({ arrived: this.view.value?.arrived ?? 0, gone: this.view.value?.gone ?? 0 }));

  private rows = new RowBlocks('');
  private guards: Guards = { mayMove: () => true, isKept: () => false, focus: { id: () => null, moveTo: () => {} } };
  private turn = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastUpdate = 0;
  private lastCost = 0;
  private waits = false;
  /* The view before this one lives until the next: what was just clicked may still refer to it (a printed page). */
  private before: string | null = null;

  setGuards(guards: Guards): void {
    this.guards = guards;
  }

  rowAtOffset = (offset: number): Row | undefined => this.rows.at(offset);
  /** Offset of a message among the rows that are loaded, or -1. */
  offsetOf = (id: string): number => this.rows.offsetOf(id);
  loadedIds = (): string[] => this.rows.ids();

  /** Loads the rows in sight that aren't there yet; requests for rows that went out of sight are given up. */
  ensure = (first: number, last: number): void => {
    if (!this.view.value) return;
    const wanted = new Set(this.blocksOf(first, last));
    this.rows.abortAllBut(wanted);
    for (const block of wanted) if (!this.rows.has(block)) void this.load(block);
  };

  /** Reads the rows from one offset to another, for a range of marks. */
  rowsBetween = async (first: number, last: number): Promise<Row[]> => {
    const found: Row[] = [];
    const { rows } = this;
    if (!this.view.value) return found;
    for (const block of this.blocksOf(first, last + 1)) {
      (await rows.rows(block)).forEach((row, index) => {
        const offset = block * BLOCK + index;
        if (offset >= first && offset <= last) found.push(row);
      });
    }
    return found;
  };

  /**
   * Takes a new view. `around`: a message to stay at. The last good rows stand until the new ones are here. `unasked`: they
   * stay where a hand has come to them meanwhile.
   */
  takeView = async (around: string | null = null, unasked = false): Promise<void> => {
    this.loading.value = true;
    const started = Date.now();
    try {
      await this.freeze(filter.value, around, unasked);
      this.rowsAt.value = Date.now();
    } catch (error) {
      const problem = problemIn(error);
      /* A link with a wrong filter must not lock anybody out: everything is shown beside the mistake. */
      if (problem.code === 'invalid_filter' && !this.view.value) await this.freeze('', null).catch(() => {});
      this.viewProblem.value = problem;
    } finally {
      this.took(started);
      this.loading.value = false;
    }
  };

  /** A new view at the same message: asked for, or after the server forgot the old one. */
  refresh = async (): Promise<void> => {
    if (!this.loading.value) await this.takeView(this.standing());
  };

  /** Follows the queue until the function that it gives is called. */
  startView = (): (() => void) => {
    const stops = [onEvent('queue', this.follow), onEvent('reset', () => void this.takeView())];
    document.addEventListener('visibilitychange', this.follow);
    return () => {
      stops.forEach((stop) => stop());
      document.removeEventListener('visibilitychange', this.follow);
      clearTimeout(this.timer);
      this.timer = undefined;
    };
  };

  private took(started: number): void {
    this.lastUpdate = Date.now();
    this.lastCost = this.lastUpdate - started;
  }

  private blocksOf(first: number, last: number): number[] {
    const matched = this.view.value?.matched ?? 0;
    const from = Math.floor(first / BLOCK);
    const to = Math.floor(Math.max(first, Math.min(last, matched) - 1) / BLOCK);
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
  }

  private async load(block: number): Promise<void> {
    const { rows } = this;
    try {
      if ((await rows.load(block, this.inSight.value[0])) && rows === this.rows) this.rowsChanged.value += 1;
    } catch (error) {
      if (rows !== this.rows) return;
      const problem = problemIn(error);
      if (problem.code === 'view_expired') void this.refresh();
      else this.viewProblem.value = problem;
    }
  }

  private async freeze(text: string, around: string | null, unasked = false): Promise<void> {
    const mine = ++this.turn;
    const next = await post<View>('/views', { filter: text, sort: sort.value });
    const keep = around === null ? null : await get<Rows>(`/views/${next.id}/rows`, { around, limit: 1 }).catch(() => null);
    const offset = keep && keep.rows[0]?.id === around ? keep.offset : null;
    const old = this.view.value;
    const same = old?.filter === next.filter && old.sort === next.sort;
    const first =
      around === null && (this.atTop.value || !same) ? 0 : (offset ?? Math.min(this.inSight.value[0], Math.max(0, next.matched - 1)));
    const block = Math.floor(first / BLOCK);
    const read = next.matched > 0 ? await RowBlocks.read(next.id, block) : null;
    if (mine !== this.turn) return release(`/views/${next.id}`);
    if (unasked && (!this.guards.mayMove() || underHand(document.querySelector('[data-grid] .scroller')))) {
      this.waits = true;
      return release(`/views/${next.id}`);
    }
    this.replace(next, old, same, new RowBlocks(next.id, read ? { block, rows: read.rows } : undefined), { around, offset });
  }

  /** The new view and its rows take the place of the old ones; focus and place follow their messages. */
  private replace(
    next: View,
    old: View | null,
    same: boolean,
    rows: RowBlocks,
    at: { around: string | null; offset: number | null },
  ): void {
    const { focus, isKept } = this.guards;
    const focusId = same ? focus.id() : null;
    const stood = at.around === null ? -1 : this.offsetOf(at.around);
    this.rows.abortAllBut(new Set());
    this.rows = rows;
    this.view.value = next;
    this.viewProblem.value = null;
    this.rowsChanged.value += 1;
    if (old && !same) this.restarts.value += 1;
    if (this.before && !isKept(this.before)) release(`/views/${this.before}`);
    this.before = old?.id ?? null;
    if (at.offset !== null && stood >= 0) this.shift.value = at.offset - stood;
    const focusAt = focusId === null ? -1 : this.offsetOf(focusId);
    if (focusAt >= 0) focus.moveTo(focusAt);
    this.ensure(this.inSight.value[0], this.inSight.value[1]);
  }

  /** The first message in sight that is still there, to stay at. */
  private standing(): string | null {
    if (this.atTop.value) return null;
    for (let offset = this.inSight.value[0]; offset < this.inSight.value[1]; offset += 1) {
      const row = this.rowAtOffset(offset);
      if (row && !row.gone) return row.id;
    }
    return null;
  }

  private async update(): Promise<void> {
    const current = this.view.value;
    if (!current || this.loading.value || paused.value) return;
    const started = Date.now();
    try {
      const now = await get<View>(`/views/${current.id}`);
      if (this.view.value?.id !== current.id) return;
      this.view.value = now;
      if (now.current_generation !== now.generation && !this.viewProblem.value && this.guards.mayMove()) {
        this.waits = underHand(document.querySelector('[data-grid] .scroller'));
        if (!this.waits) return await this.takeView(null, true);
      }
      const { rows } = this;
      await Promise.all(this.blocksOf(...this.inSight.value).map((block) => rows.reread(block)));
      this.rowsChanged.value += 1;
      this.rowsAt.value = Date.now();
    } catch (error) {
      if (problemIn(error).code === 'view_expired') await this.refresh();
    } finally {
      this.took(started);
    }
  }

  /** Soon after a change, but never more often than the server can well bear. */
  private follow = (): void => {
    const current = this.view.value;
    if (this.timer !== undefined || paused.value || document.visibilityState === 'hidden') return;
    if (current && !this.waits && summary.value?.generation === current.current_generation) return;
    const wait = Math.max(0, this.lastUpdate + Math.max(LEAST_INTERVAL_MS, this.lastCost * SHARE) - Date.now());
    this.timer = setTimeout(async () => {
      this.timer = undefined;
      this.waits = false;
      if (this.view.value) await this.update();
      else if (this.viewProblem.value?.code !== 'invalid_filter') await this.takeView();
      if (this.waits) this.follow(); /* the rows moved on while a hand was on them: as soon as it rests */
    }, wait);
  };
}

/** The one table of the page. */
export const queueView = new QueueView();
export const { view, viewProblem, loading, rowsAt, rowsChanged, inSight, atTop, shift, restarts, fresh } = queueView;
export const { rowAtOffset, offsetOf, loadedIds, ensure, rowsBetween, takeView, refresh, startView } = queueView;
