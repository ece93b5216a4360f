/* The table's head: the box for all loaded rows, and the columns to sort by. */
import { useEffect, useRef } from 'preact/hooks';
import { changeSort, markLoaded, selection } from '../state/marks';
import { sort } from '../state/route';
import { headState } from '../state/selection';
import { loadedIds, rowsChanged } from '../state/view';
import { Icon } from '../ui/Icon';
import { W } from '../words';
import { COLUMNS, type Column } from './columns';

function HeadBox() {
  void rowsChanged.value;
  const state = headState(selection.value, loadedIds());
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    box.current!.indeterminate = state === 'some';
  }, [state]);
  return (
    <div role="columnheader" class="c-mark">
      <input
        ref={box}
        type="checkbox"
        checked={state === 'all'}
        aria-label={W.markLoaded}
        title={W.markLoaded}
        onChange={() => markLoaded(state !== 'all')}
      />
    </div>
  );
}

function HeadCell({ column }: { column: Column }) {
  const field = sort.value.replace(/^-/, '');
  const sorted = column.sort === field ? (sort.value.startsWith('-') ? 'descending' : 'ascending') : undefined;
  return (
    <div role="columnheader" class={`c-${column.name} ${column.align ?? ''}`} aria-sort={sorted}>
      {column.sort ? (
        <button type="button" class="sorter" title={W.sortBy(W.columns[column.name])} onClick={() => changeSort(column.sort!)}>
          {W.columns[column.name]}
          {sorted && <Icon name={sorted === 'ascending' ? 'arrow-up' : 'arrow-down'} />}
        </button>
      ) : (
        <span>{W.columns[column.name]}</span>
      )}
    </div>
  );
}

export function Head() {
  return (
    <div role="row" class="row head" aria-rowindex={1}>
      <HeadBox />
      <div role="columnheader" class="c-open">
        <span class="visually-hidden">{W.open}</span>
      </div>
      {COLUMNS.map((column) => (
        <HeadCell key={column.name} column={column} />
      ))}
    </div>
  );
}

const FIELDS = COLUMNS.filter((column) => column.sort);

/** The same order for narrow screens, where the head has no room for columns. */
export function SortChoice() {
  return (
    <label class="sort-choice">
      <span>{W.sort}</span>
      <select
        value={sort.value}
        onChange={(event) => {
          const wanted = event.currentTarget.value;
          if (wanted !== sort.value) {
            changeSort(wanted.replace(/^-/, ''));
            if (sort.value !== wanted) changeSort(wanted.replace(/^-/, ''));
          }
        }}
      >
        {FIELDS.flatMap((column) => [
          <option key={column.sort} value={column.sort}>
            {W.ascending(W.columns[column.name])}
          </option>,
          <option key={`-${column.sort}`} value={`-${column.sort}`}>
            {W.descending(W.columns[column.name])}
          </option>,
        ])}
      </select>
    </label>
  );
}
