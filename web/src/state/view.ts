/*
 * The table's rows: a view that the server froze, read in blocks by offset. While nothing is marked, open or asked and
 * the table stands at its top, a new view is taken as the queue changes; else only the cells of the rows in sight are
 * read again, and the page says how many messages are new and how many left.
 */
import { computed, signal } from '@preact/signals';
import { aborted, get, post, problemIn, release } from '../api/client';
import type { Problem, Row, Rows, View } from '../api/types';
import { underHand } from './hand';
import { onEvent, paused, summary } from './live';
import { filter, sort } from './route';

const BLOCK = 100;
const MOST_BLOCKS = 400;          /* 40,000 rows kept; the rest is read again when it comes in sight */
const LEAST_INTERVAL_MS = 2000;
const SHARE = 10;                 /* following takes at most a tenth of the server's time for it */

export const view = signal<View | null>(null);
/** Why there is no (new) view: a wrong filter, no answer. The last good one stays. */
export const viewProblem = signal<Problem | null>(null);
export const loading = signal(false);
/** When the rows were last read as they are, in milliseconds. */
export const rowsAt = signal(Date.now());
/** Counts changes of the rows; what draws rows depends on it. */
export const rowsChanged = signal(0);
/** Set by the table: the rows in sight, and whether it stands at its top. */
export const inSight = signal<[number, number]>([0, 50]);
export const atTop = signal(true);
/** By how many rows the table should move, once, so that the message at which it stood stays where it is. */
export const shift = signal(0);
/** Counts views of another filter or order than the one before: the table then begins at its top. */
export const restarts = signal(0);

let blocks = new Map<number, Row[]>();
let pending = new Map<number, AbortController>();
let turn = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let lastUpdate = 0;
let lastCost = 0;
let mayMove: () => boolean = () => true;
let isKept: (view: string) => boolean = () => false;
let focus: Focus = { id: () => null, moveTo: () => {} };
let waits = false;
/* The view before this one lives until the next: what was just clicked may still refer to it (a printed page). */
let before: string | null = null;

/** The message that has the table's focus; it keeps it in a new view, wherever it stands there. */
export interface Focus {
  id: () => string | null;
  moveTo: (offset: number) => void;
}

/** Says when the table may change its rows unasked, which views something still refers to, and what has the focus. */
export function setGuards(move: () => boolean, kept: (view: string) => boolean, focused: Focus): void {
  mayMove = move;
  isKept = kept;
  focus = focused;
}

export const rowAtOffset = (offset: number): Row | undefined => blocks.get(Math.floor(offset / BLOCK))?.[offset % BLOCK];

/** Offset of a message among the rows that are loaded, or -1. */
export function offsetOf(id: string): number {
  for (const [block, rows] of blocks) {
    const at = rows.findIndex((row) => row.id === id);
    if (at >= 0) return block * BLOCK + at;
  }
  return -1;
}

export const fresh = computed(() => ({ arrived: view.value?.arrived ?? 0, gone: view.value?.gone ?? 0 }));

export function loadedIds(): string[] {
  const ids: string[] = [];
  for (const rows of blocks.values()) for (const row of rows) if (!row.gone) ids.push(row.id);
  return ids;
}

const readRows = (id: string, block: number, signal?: AbortSignal): Promise<Rows> =>
  get<Rows>(`/views/${id}/rows`, { offset: block * BLOCK, limit: BLOCK }, signal);

function forget(): void {
  for (const controller of pending.values()) controller.abort();
  pending = new Map();
}

/** Drops the blocks farthest from sight when there are too many. */
function prune(): void {
  if (blocks.size <= MOST_BLOCKS) return;
  const middle = inSight.value[0] / BLOCK;
  const far = [...blocks.keys()].sort((a, b) => Math.abs(b - middle) - Math.abs(a - middle));
  for (const block of far.slice(0, blocks.size - MOST_BLOCKS)) blocks.delete(block);
}

async function loadBlock(block: number): Promise<void> {
  const current = view.value;
  if (!current || pending.has(block)) return;
  const controller = new AbortController();
  pending.set(block, controller);
  try {
    const rows = await readRows(current.id, block, controller.signal);
    if (view.value?.id !== current.id) return;
    blocks.set(block, rows.rows);
    prune();
    rowsChanged.value += 1;
  } catch (error) {
    if (aborted(error)) return;
    const problem = problemIn(error);
    if (problem.code === 'view_expired') void refresh();
    else viewProblem.value = problem;
  } finally {
    if (pending.get(block) === controller) pending.delete(block);
  }
}

function blocksOf(first: number, last: number): number[] {
  const matched = view.value?.matched ?? 0;
  const from = Math.floor(first / BLOCK);
  const to = Math.floor(Math.max(first, Math.min(last, matched) - 1) / BLOCK);
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}

/** Loads the rows in sight that aren't there yet; requests for rows that went out of sight are given up. */
export function ensure(first: number, last: number): void {
  const wanted = new Set(blocksOf(first, last));
  for (const [block, controller] of pending) if (!wanted.has(block)) { controller.abort(); pending.delete(block); }
  for (const block of wanted) if (!blocks.has(block)) void loadBlock(block);
}

/** Reads the rows from one offset to another, for a range of marks. */
export async function rowsBetween(first: number, last: number): Promise<Row[]> {
  const current = view.value;
  if (!current) return [];
  const found: Row[] = [];
  for (const block of blocksOf(first, last + 1)) {
    const rows = blocks.get(block) ?? (await readRows(current.id, block)).rows;
    rows.forEach((row, index) => {
      const offset = block * BLOCK + index;
      if (offset >= first && offset <= last) found.push(row);
    });
  }
  return found;
}

async function freeze(text: string, around: string | null): Promise<void> {
  const mine = ++turn;
  const next = await post<View>('/views', { filter: text, sort: sort.value });
  const keep = around === null ? null : await get<Rows>(`/views/${next.id}/rows`, { around, limit: 1 }).catch(() => null);
  const offset = keep && keep.rows[0]?.id === around ? keep.offset : null;
  const old = view.value;
  const same = old?.filter === next.filter && old.sort === next.sort;
  const first = around === null && (atTop.value || !same) ? 0 : offset ?? Math.min(inSight.value[0], Math.max(0, next.matched - 1));
  const rows = next.matched > 0 ? await readRows(next.id, Math.floor(first / BLOCK)) : null;
  if (mine !== turn) return release(`/views/${next.id}`);
  const focusId = same ? focus.id() : null;
  const stood = around === null ? -1 : offsetOf(around);
  forget();
  blocks = new Map(rows ? [[Math.floor(first / BLOCK), rows.rows]] : []);
  view.value = next;
  viewProblem.value = null;
  rowsChanged.value += 1;
  if (old && !same) restarts.value += 1;
  if (before && !isKept(before)) release(`/views/${before}`);
  before = old?.id ?? null;
  if (offset !== null && stood >= 0) shift.value = offset - stood;
  const focusAt = focusId === null ? -1 : offsetOf(focusId);
  if (focusAt >= 0) focus.moveTo(focusAt);
  ensure(inSight.value[0], inSight.value[1]);
}

/** Takes a new view. `around`: a message to stay at. The last good rows stand until the new ones are here. */
export async function takeView(around: string | null = null): Promise<void> {
  loading.value = true;
  const started = Date.now();
  try {
    await freeze(filter.value, around);
    rowsAt.value = Date.now();
  } catch (error) {
    const problem = problemIn(error);
    /* A link with a wrong filter must not lock anybody out: everything is shown beside the mistake. */
    if (problem.code === 'invalid_filter' && !view.value) await freeze('', null).catch(() => {});
    viewProblem.value = problem;
  } finally {
    lastUpdate = Date.now();
    lastCost = lastUpdate - started;
    loading.value = false;
  }
}

/** The first message in sight that is still there, to stay at. */
function standing(): string | null {
  if (atTop.value) return null;
  for (let offset = inSight.value[0]; offset < inSight.value[1]; offset += 1) {
    const row = rowAtOffset(offset);
    if (row && !row.gone) return row.id;
  }
  return null;
}

/** A new view at the same message: asked for, or after the server forgot the old one. */
export async function refresh(): Promise<void> {
  if (!loading.value) await takeView(standing());
}

async function update(): Promise<void> {
  const current = view.value;
  if (!current || loading.value || paused.value) return;
  const started = Date.now();
  try {
    const now = await get<View>(`/views/${current.id}`);
    if (view.value?.id !== current.id) return;
    view.value = now;
    if (now.current_generation !== now.generation && !viewProblem.value && mayMove()) {
      waits = underHand(document.querySelector('[data-grid] .scroller'));
      if (!waits) return await takeView();
    }
    await Promise.all(blocksOf(...inSight.value).map(async (block) => {
      const rows = await readRows(current.id, block);
      if (view.value?.id === current.id) blocks.set(block, rows.rows);
    }));
    rowsChanged.value += 1;
    rowsAt.value = Date.now();
  } catch (error) {
    const problem = problemIn(error);
    if (problem.code === 'view_expired') await refresh();
  } finally {
    lastUpdate = Date.now();
    lastCost = lastUpdate - started;
  }
}

/** Follows the queue: soon after a change, but never more often than the server can well bear. */
function follow(): void {
  const current = view.value;
  if (timer !== undefined || paused.value || document.visibilityState === 'hidden') return;
  if (current && !waits && summary.value?.generation === current.current_generation) return;
  const wait = Math.max(0, lastUpdate + Math.max(LEAST_INTERVAL_MS, lastCost * SHARE) - Date.now());
  timer = setTimeout(async () => {
    timer = undefined;
    waits = false;
    if (view.value) await update();
    else if (viewProblem.value?.code !== 'invalid_filter') await takeView();
    if (waits) follow(); /* the rows moved on while a hand was on them: as soon as it rests */
  }, wait);
}

export function startView(): () => void {
  const stops = [onEvent('queue', follow), onEvent('reset', () => void takeView())];
  document.addEventListener('visibilitychange', follow);
  return () => {
    stops.forEach((stop) => stop());
    document.removeEventListener('visibilitychange', follow);
    clearTimeout(timer);
    timer = undefined;
  };
}
