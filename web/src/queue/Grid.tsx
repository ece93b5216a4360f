/* The table: windowed rows, one tab stop, keys of its own. */
import { useComputed, useSignal } from '@preact/signals';
import { useCallback, useEffect, useLayoutEffect } from 'preact/hooks';
import { focused, markRange, selection, toggleOpen, toggleRow } from '../state/marks';
import { paging } from '../state/prefs';
import { route, sort } from '../state/route';
import { isMarked } from '../state/selection';
import { atTop, ensure, inSight, offsetOf, restarts, rowAtOffset, rowsChanged, shift, view } from '../state/view';
import { W } from '../words';
import { COLUMN_COUNT } from './columns';
import { Empty } from './Empty';
import { Expansion } from './Expansion';
import { Funnel } from './Funnel';
import { Head } from './Head';
import { Pager, PAGE_ROWS } from './Pager';
import { Row } from './Row';
import { openedByKey, useGridKeys } from './useGridKeys';
import { ROW_HEIGHT, rowForm } from './useNarrow';
import { useWindow } from './useWindow';

function useFollowing(list: ReturnType<typeof useWindow>, start: number) {
  const [first, last] = list.sight;
  useEffect(() => {
    inSight.value = [start + first, start + last];
    atTop.value = list.top && start === 0;
    if (view.value) ensure(start + list.range[0], start + list.range[1]);
  }, [start, first, last, list.top, list.range[0], list.range[1], view.value?.id]);
  useLayoutEffect(() => {
    if (shift.value === 0) return;
    if (!paging.value) list.shift(shift.value);
    shift.value = 0;
  }, [shift.value]);
}

export function Grid() {
  const matched = view.value?.matched ?? 0;
  const height = ROW_HEIGHT[rowForm.value];
  const pageNumber = useSignal(0);
  const pages = Math.max(1, Math.ceil(matched / PAGE_ROWS));
  const start = paging.value ? Math.min(pageNumber.value, pages - 1) * PAGE_ROWS : 0;
  const count = paging.value ? Math.min(PAGE_ROWS, matched - start) : matched;
  const list = useWindow(count, height);
  useFollowing(list, start);
  useLayoutEffect(() => {
    if (restarts.value === 0) return;
    pageNumber.value = 0;
    list.toTop();
  }, [restarts.value]);

  const open = useComputed(() => new Set(route.value.open));
  const onMark = useCallback((offset: number, range: boolean) => {
    focused.value = offset;
    if (range) void markRange(offset);
    else toggleRow(offset);
  }, []);
  const onOpen = useCallback((offset: number) => {
    focused.value = offset;
    const row = rowAtOffset(offset);
    if (row && !row.gone) toggleOpen(row.id);
  }, []);
  const onKeys = useGridKeys({ count: start + count, start, page: list.pageRows, show: (row) => list.show(row - start) });

  void rowsChanged.value;
  const offsets = Array.from({ length: list.range[1] - list.range[0] }, (_, index) => list.range[0] + index);
  for (const id of open.value) {
    const at = offsetOf(id) - start;
    if (at >= 0 && at < count && !offsets.includes(at)) offsets.push(at);
  }
  const active = offsets.includes(focused.value - start) ? `row-${focused.value}` : undefined;
  return (
    <div
      style={{ '--rows': matched }}
      class={`grid ${open.value.size > 0 ? 'opened' : ''} ${matched === 0 ? 'none' : ''} ${rowForm.value} ${/size/.test(sort.value) ? 'by-size' : ''}`}
    >
      <div
        role="grid"
        class="grid-body"
        tabIndex={0}
        aria-label={W.grid}
        aria-rowcount={matched + 1}
        aria-colcount={COLUMN_COUNT}
        aria-multiselectable
        aria-activedescendant={active}
        onKeyDown={onKeys}
        data-grid
      >
        <div role="rowgroup" class="grid-head">
          <Head />
        </div>
        <div role="rowgroup" class="scroller" ref={list.scroller}>
          <div class="spacer" role="presentation" style={{ height: `${list.spacer}px` }}>
            {offsets.map((at) => {
              const offset = start + at;
              const row = rowAtOffset(offset);
              const isOpen = row !== undefined && !row.gone && open.value.has(row.id);
              return [
                <Row
                  key={`r${offset}`}
                  row={row}
                  offset={offset}
                  top={list.place(at)}
                  focused={focused.value === offset}
                  marked={row !== undefined && !row.gone && isMarked(selection.value, row.id)}
                  open={isOpen}
                  onMark={onMark}
                  onOpen={onOpen}
                />,
                isOpen && (
                  <Expansion
                    key={`x${row.id}`}
                    id={row.id}
                    top={list.place(at) + height}
                    onHeight={(extra) => {
                      list.setExtra(at, extra);
                      if (openedByKey.id !== row.id || extra === 0) return;
                      openedByKey.id = null;
                      requestAnimationFrame(() => list.show(at));
                    }}
                  />
                ),
              ];
            })}
          </div>
        </div>
      </div>
      <Funnel scroller={list.scroller} />
      {matched === 0 && <Empty />}
      {paging.value && matched > PAGE_ROWS && (
        <Pager
          page={start / PAGE_ROWS}
          pages={pages}
          onPage={(next) => {
            pageNumber.value = next;
            list.toTop();
          }}
        />
      )}
    </div>
  );
}
