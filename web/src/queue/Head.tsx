/* The table's head: the box for all loaded rows, and the columns to sort by. */
import { Fragment } from 'preact';
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

type Order = Column['sorts'][number];

/** How the rows stand by a field, as the column's own values go. */
function orderBy({ field, turned = false }: Order): 'ascending' | 'descending' | undefined {
  if (sort.value.replace(/^-/, '') !== field) return undefined;
  return sort.value.startsWith('-') === turned ? 'ascending' : 'descending';
}

function Sorter({ order }: { order: Order }) {
  const now = orderBy(order);
  const name = W.columns[order.name];
  return (
    <button type="button" class={`sorter ${now ?? ''}`} title={W.sortBy(name)} onClick={() => changeSort(order.field)}>
      {name}
      {now && <Icon name={now === 'ascending' ? 'arrow-up' : 'arrow-down'} />}
    </button>
  );
}

function HeadCell({ column }: { column: Column }) {
  const sorted = column.sorts.map(orderBy).find(Boolean);
  return (
    <div role="columnheader" class={`c-${column.name} ${column.align ?? ''}`} aria-sort={sorted}>
      {column.sorts.length === 0 && <span>{W.columns[column.name]}</span>}
      {column.sorts.map((order, index) => (
        <Fragment key={order.field}>
          {index > 0 && (
            <span class="arrow" aria-hidden="true">
              →
            </span>
          )}
          <Sorter order={order} />
        </Fragment>
      ))}
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

/* The ID has no column of its own. */
const ORDERS: Order[] = [...COLUMNS.flatMap((column) => column.sorts), { field: 'id', name: 'id' }];

/** The same orders and the one by ID: for narrow screens, where the head has no room for columns, and in the menu. */
export function SortChoice({ class: extra = '' }: { class?: string }) {
  return (
    <label class={`sort-choice ${extra}`}>
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
        {ORDERS.flatMap(({ field, name, turned }) => [
          <option key={field} value={field}>
            {(turned ? W.descending : W.ascending)(W.columns[name])}
          </option>,
          <option key={`-${field}`} value={`-${field}`}>
            {(turned ? W.ascending : W.descending)(W.columns[name])}
          </option>,
        ])}
      </select>
    </label>
  );
}
