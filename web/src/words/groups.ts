/* What the queue consists of: groups, its shape, its depth over time, who sends most. */
import { count } from '../lib/format';
import { n, messages } from './number';

export const groupWords = {
  chart: {
    title: 'Queue depth',
    show: 'Chart above the table',
    range: 'Range',
    preset: { '1h': '1 h', '6h': '6 h', '24h': '24 h', '7d': '7 d', '30d': '30 d', '365d': '1 y' },
    zoomed: 'Zoomed',
    asTable: 'Show as table',
    asChart: 'Show as chart',
    time: 'Time',
    nothing: 'No samples in this time yet. One is taken every 5 minutes.',
    summary: (samples: number, peak: string): string => `${n(samples, 'sample')}; at most ${peak} deferred.`,
    changed: (by: string): string => `Settings changed by ${by}`,
  },
  groups: {
    title: 'What it consists of',
    show: 'Groups beside the table',
    list: 'Kinds of groups',
    more: (value: number): string => `${count(value)} more`,
    fewer: 'Fewer',
    none: 'Nothing to group.',
    unknown: 'not known',
    hint: 'Click to narrow, Alt-click to exclude.',
    other: (value: number): string => `${messages(value)} in smaller groups`,
    /* The server's key: the end of a step in minutes, each twice the one before. */
    age: (key: string): string =>
      key.endsWith('+') ? `${key.slice(0, -1)} min and more` : key === '5' ? 'under 5 min' : `${Number(key) / 2} to ${key} min`,
    field: {
      cause: 'Cause',
      diagnosis: 'Cause',
      remote_host: 'Remote host',
      remote_domain: 'Provider',
      reason: 'Reason',
      recipient_domain: 'Recipient domain',
      sender: 'Sender',
      sender_domain: 'Sender domain',
      queue: 'Queue',
      age: 'Age',
      client: 'Client',
      login: 'Login',
    },
  },
  above: { choice: 'Above the table', depth: 'Depth', shape: 'Shape' },
  shape: {
    title: 'Recipient domain by age',
    what: 'Messages by recipient domain and age in minutes, as qshape shows them',
    total: 'All',
    all: 'All domains',
    others: 'Others',
    age: (key: string): string => (key.endsWith('+') ? `≥ ${key.slice(0, -1)}` : `< ${key}`),
  },
};
