/* The chart's numbers as a table, newest first. */
import { count } from '../lib/format';
import { Time } from '../ui/Time';
import { W } from '../words';
import type { Lines } from './lines';

const number = (value: number | null | undefined): string => (value === null || value === undefined ? W.none : count(value));

export function LinesTable({ lines, title }: { lines: Lines; title: string }) {
  const [times, ...columns] = lines.data;
  const all = [...lines.lines.map(({ name }, index) => ({ name, values: columns[index]! })), ...lines.more];
  /* A row of gaps says nothing. */
  const rows = times!.map((_, index) => index).filter((index) => all.some(({ values }) => values[index] !== null));
  return (
    <div class="table-wrap depth-table" tabIndex={0} role="region" aria-label={title}>
      <table class="plain numbers">
        <thead>
          <tr>
            <th scope="col">{W.chart.time}</th>
            {all.map(({ name }) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.reverse().map((index) => (
            <tr key={index}>
              <th scope="row">
                <Time at={new Date(times![index]! * 1000).toISOString()} />
              </th>
              {all.map(({ name, values }) => (
                <td key={name}>{number(values[index])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
