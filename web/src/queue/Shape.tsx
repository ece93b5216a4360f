/* Recipient domain by age, as qshape(1) shows it: a real table, darker where more is stuck; each cell narrows to itself. */
import { useRef } from 'preact/hooks';
import type { Group, GroupRow, GroupTable } from '../api/types';
import { count } from '../lib/format';
import { steady } from '../lib/steady';
import { plain } from '../lib/text';
import { underHand } from '../state/hand';
import { narrow } from '../state/marks';
import { filter } from '../state/route';
import { view } from '../state/view';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { W } from '../words';
import { groupName } from './groupNames';
import { useCounts } from './useCounts';
import { useTableKeys } from './useTableKeys';

const ROWS = 8;

/** From 0 to 1 by the number's magnitude: one message is seen beside a hundred thousand. */
const heat = (messages: number, most: number): number => (messages === 0 ? 0 : 0.15 + 0.85 * (Math.log1p(messages) / Math.log1p(most)));

function Cell({ messages, most, label, term }: { messages: number; most: number; label: string; term: string | null }) {
  const style = { '--heat': `${Math.round(heat(messages, most) * 100)}%` };
  if (messages === 0 || term === null)
    return (
      <td class="heat" style={style}>
        {messages === 0 ? <span class="muted">0</span> : count(messages)}
      </td>
    );
  return (
    <td class="heat" style={style}>
      <button type="button" tabIndex={-1} title={W.filterBy(label)} onClick={(event) => narrow(term, event.altKey)}>
        {count(messages)}
      </button>
    </td>
  );
}

function Row({ row, columns, most }: { row: GroupRow; columns: Group[]; most: number }) {
  const name = groupName({ key: row.key, readable: row.readable, diagnosis: null }, 'recipient_domain');
  const both = (column: Group) => (row.filter && column.filter ? `${row.filter} ${column.filter}` : null);
  return (
    <tr>
      <th scope="row">
        {row.filter ? (
          <button type="button" tabIndex={-1} title={W.filterBy(plain(name))} onClick={(event) => narrow(row.filter!, event.altKey)}>
            <Text text={name} />
          </button>
        ) : (
          <Text text={name} />
        )}
      </th>
      <td class="sum">{count(row.messages)}</td>
      {row.cells.map((cell, at) => (
        <Cell
          key={columns[at]!.key}
          messages={cell.messages}
          most={most}
          term={both(columns[at]!)}
          label={`${plain(name)}, ${W.groups.age(columns[at]!.key ?? '')}`}
        />
      ))}
    </tr>
  );
}

function Heat({ table, box }: { table: GroupTable; box: { current: HTMLTableElement | null } }) {
  const { columns, groups, other, total } = table;
  const most = Math.max(1, ...groups.flatMap((row) => row.cells.map((cell) => cell.messages)));
  const onKeyDown = useTableKeys(box);
  return (
    <table class="shape-table" ref={box} onKeyDown={onKeyDown}>
      <thead>
        <tr>
          <th scope="col">{W.groups.field.recipient_domain}</th>
          <th scope="col" class="sum">
            {W.shape.total}
          </th>
          {columns.map((column) => (
            <th key={column.key} scope="col">
              {column.filter ? (
                <button
                  type="button"
                  tabIndex={-1}
                  title={W.filterBy(W.groups.age(column.key ?? ''))}
                  onClick={(event) => narrow(column.filter!, event.altKey)}
                >
                  {W.shape.age(column.key ?? '')}
                </button>
              ) : (
                W.shape.age(column.key ?? '')
              )}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        <tr class="all">
          <th scope="row">{W.shape.all}</th>
          <td class="sum">{count(total.messages)}</td>
          {columns.map((column) => (
            <td key={column.key}>{count(column.messages)}</td>
          ))}
        </tr>
        {groups.map((row) => (
          <Row key={row.key} row={row} columns={columns} most={most} />
        ))}
        {other && other.messages > 0 && (
          <tr class="muted">
            <th scope="row">{W.shape.others}</th>
            <td class="sum">{count(other.messages)}</td>
            {other.cells.map((cell, at) => (
              <td key={columns[at]!.key}>{count(cell.messages)}</td>
            ))}
          </tr>
        )}
      </tbody>
    </table>
  );
}

export function Shape() {
  const box = useRef<HTMLTableElement>(null);
  const empty = (row: GroupRow): GroupRow => ({ ...row, messages: 0, cells: row.cells.map((cell) => ({ ...cell, messages: 0 })) });
  const { found, problem } = useCounts<GroupTable>(
    { by: 'recipient_domain,age', filter: view.value?.filter ?? filter.value, limit: ROWS },
    (old, next) => (underHand(box.current) ? { ...next, groups: steady(old.groups, next.groups, (row) => row.key, empty) } : next),
  );
  return (
    <div class="shape" tabIndex={0} role="region" aria-label={W.shape.title}>
      {problem.value && problem.value.code !== 'invalid_filter' && <Problem problem={problem.value} />}
      {!found.value && !problem.value && <p class="muted">{W.loading}</p>}
      {found.value &&
        (found.value.groups.length > 0 ? <Heat table={found.value} box={box} /> : <p class="muted chart-empty">{W.groups.none}</p>)}
    </div>
  );
}
