/* What the chart shows: the depth or what the mail log was counted by, by queue, cause, domain or login. In the address as `chart`: `what.by`. */
import type { HistorySample, Series } from '../api/types';
import { term } from '../lib/filter';
import { W } from '../words';
import { columnsOf } from './range';

export const WHATS = ['depth', 'received', 'delivered', 'deferred', 'bounced'] as const;
export const BYS = ['queue', 'diagnosis', 'recipient_domain', 'login'] as const;
export type What = (typeof WHATS)[number];
export type By = (typeof BYS)[number];
export interface Choice {
  what: What;
  by: By;
}

export interface Lines {
  /** Times in seconds, then one column for each line; null is a gap. */
  data: (number | null)[][];
  lines: { name: string; token: string; filter: string | null }[];
  /** In the table alone. */
  more: { name: string; values: (number | null)[] }[];
}

export const QUEUES = ['deferred', 'active', 'hold', 'incoming'] as const;
/* Lines that the eye still tells apart. */
export const MOST_LINES = 5;
const FIELD: Record<Exclude<By, 'queue'>, string> = { diagnosis: 'cause', recipient_domain: 'domain', login: 'login' };

export function choiceOf(text: string): Choice {
  const [what, by] = text.split('.');
  return { what: WHATS.find((each) => each === what) ?? 'depth', by: BYS.find((each) => each === by) ?? 'queue' };
}

export const textOf = ({ what, by }: Choice): string => `${what}.${by}`;

/** The depth by queue, from samples. */
export function queueLines(samples: HistorySample[], step: number): Lines {
  const columns = columnsOf(samples, step, [...QUEUES, 'maildrop', 'corrupt']);
  return {
    data: columns.slice(0, QUEUES.length + 1),
    lines: QUEUES.map((queue) => ({ name: W.queue[queue].name, token: queue, filter: `queue:${queue}` })),
    more: (['maildrop', 'corrupt'] as const).map((queue, index) => ({
      name: W.queue[queue].name,
      values: columns[QUEUES.length + 1 + index]!,
    })),
  };
}

function timesOf({ from, step, other }: Series): number[] {
  const start = Math.floor(Date.parse(from) / 1000);
  return other.map((_, index) => start + index * step);
}

/** The largest keys of one series, and the rest as one line. */
export function seriesLines(series: Series, by: Exclude<By, 'queue'>): Lines {
  const shown = series.series.slice(0, MOST_LINES);
  const rest = series.other.map((value, index) =>
    series.series.slice(MOST_LINES).reduce<number | null>((sum, { values }) => (sum === null ? null : sum + (values[index] ?? 0)), value),
  );
  const hasRest = rest.some((value) => value !== null && value > 0);
  return {
    data: [timesOf(series), ...shown.map(({ values }) => values), ...(hasRest ? [rest] : [])],
    lines: [
      ...shown.map(({ key, label }, index) => ({
        name: label ?? (key || W.none),
        token: `line-${index + 1}`,
        filter: key ? term(FIELD[by], key, true) : null,
      })),
      ...(hasRest ? [{ name: W.chart.others, token: 'muted', filter: null }] : []),
    ],
    more: [],
  };
}

/** What became of all mail, the chosen result first: they belong beside each other. */
export function totalLines(series: Series[], what: What): Lines {
  const sorted = [...series].sort((a, b) => Number(b.what === what) - Number(a.what === what));
  return {
    data: [timesOf(sorted[0]!), ...sorted.map((each) => each.series[0]?.values ?? each.other)],
    lines: sorted.map((each) => ({
      name: W.chart.what[each.what as What],
      token: `line-${WHATS.indexOf(each.what as What)}`,
      filter: null,
    })),
    more: [],
  };
}

/** One sample makes no line: the first minutes of a new choice. */
export const isPoint = ({ data }: Lines): boolean => data.slice(1).every((column) => column.filter((value) => value !== null).length < 2);

export const isEmpty = ({ data }: Lines): boolean => data.slice(1).every((column) => column.every((value) => value === null));
