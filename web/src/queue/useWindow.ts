/* Ties lib/window to an element that scrolls. All positions it gives are for rows placed inside the spacer. */
import { useCallback, useEffect, useLayoutEffect, useReducer, useRef } from 'preact/hooks';
import { afterScroll, type Extent, Extras, listHeight, reveal, rowsInSight, spacerHeight, topOf, toReal } from '../lib/window';

const SETTLE_MS = 140;
const OVER = 6;

export interface Windowing {
  scroller: { current: HTMLDivElement | null };
  spacer: number;
  /** Rows to draw: the first, and the one after the last. */
  range: [number, number];
  /** Rows wholly or partly in sight. */
  sight: [number, number];
  top: boolean;
  place: (row: number) => number;
  setExtra: (row: number, height: number) => void;
  show: (row: number) => void;
  /** Moves the list by whole rows. */
  shift: (rows: number) => void;
  toTop: () => void;
  pageRows: number;
}

export function useWindow(count: number, rowHeight: number): Windowing {
  const scroller = useRef<HTMLDivElement>(null);
  const extras = useRef(new Extras()).current;
  const at = useRef({ virtual: 0, real: 0, viewport: 600, frame: 0, settle: 0 }).current;
  const [, redraw] = useReducer((turn: number, _: void) => turn + 1, 0);
  const extent: Extent = { virtual: listHeight(count, rowHeight, extras), viewport: at.viewport };
  const current = useRef(extent);
  current.current = extent;

  const draw = useCallback(() => {
    if (at.frame) return;
    at.frame = requestAnimationFrame(() => {
      at.frame = 0;
      redraw();
    });
  }, []);

  /** Puts the scroll bar where the list stands; nothing that one sees moves. */
  const settle = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const end = Math.max(0, current.current.virtual - current.current.viewport);
    at.virtual = Math.min(at.virtual, end);
    const real = toReal(at.virtual, current.current);
    if (Math.abs(real - element.scrollTop) > 1) element.scrollTop = real;
    at.real = element.scrollTop;
    draw();
  }, []);

  const moveTo = useCallback((virtual: number) => {
    at.virtual = virtual;
    settle();
  }, []);

  useEffect(() => {
    const element = scroller.current!;
    const onScroll = () => {
      const real = element.scrollTop;
      if (real === at.real) return;
      at.virtual = afterScroll(at.virtual, at.real, real, current.current);
      at.real = real;
      clearTimeout(at.settle);
      at.settle = window.setTimeout(settle, SETTLE_MS);
      draw();
    };
    const sized = new ResizeObserver(() => {
      at.viewport = element.clientHeight;
      draw();
    });
    element.addEventListener('scroll', onScroll, { passive: true });
    sized.observe(element);
    return () => {
      element.removeEventListener('scroll', onScroll);
      sized.disconnect();
      clearTimeout(at.settle);
      cancelAnimationFrame(at.frame);
    };
  }, []);

  useLayoutEffect(settle, [count, rowHeight]);

  const setExtra = useCallback((row: number, height: number) => {
    if (extras.get(row) === height) return;
    extras.set(row, height);
    redraw();
  }, []);

  const base = at.real - at.virtual;
  return {
    scroller,
    spacer: spacerHeight(extent),
    range: rowsInSight(at.virtual, extent, count, rowHeight, extras, OVER),
    sight: rowsInSight(at.virtual, extent, count, rowHeight, extras, 0),
    top: at.virtual < rowHeight / 2,
    place: (row) => base + topOf(row, rowHeight, extras),
    setExtra,
    show: (row) => moveTo(reveal(row, at.virtual, current.current, rowHeight, extras)),
    shift: (rows) => moveTo(Math.max(0, at.virtual + rows * rowHeight)),
    toTop: () => moveTo(0),
    pageRows: Math.max(1, Math.floor(at.viewport / rowHeight) - 1),
  };
}
