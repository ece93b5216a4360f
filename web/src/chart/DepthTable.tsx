/* The depth chart's numbers as a table, newest first. */
import type { HistorySample } from '../api/types';
import { count } from '../lib/format';
import { Time } from '../ui/Time';
import { W } from '../words';

const FIELDS = ['deferred', 'active', 'hold', 'incoming', 'maildrop', 'corrupt'] as const;

export function DepthTable({ samples }: { samples: HistorySample[] }) {
  return (
    <div class="table-wrap depth-table" tabIndex={0} role="region" aria-label={W.chart.title}>
      <table class="plain numbers">
        <thead>
          <tr>
            <th scope="col">{W.chart.time}</th>
            {FIELDS.map((field) => (
              <th scope="col" key={field}>
                {W.queue[field].name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...samples].reverse().map((sample) => (
            <tr key={sample.at}>
              <th scope="row">
                <Time at={sample.at} />
              </th>
              {FIELDS.map((field) => (
                <td key={field}>{sample[field] === null ? W.none : count(sample[field]!)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
