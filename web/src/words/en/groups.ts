/* What the queue consists of: groups, its shape, its depth over time, who sends most. */
import { count } from '../../lib/format';
import { n } from '../number';
import { messages } from './messages';

export const groupWords = {
  chart: {
    show: 'Chart above the table',
    range: 'Range',
    preset: { '1h': '1 h', '6h': '6 h', '24h': '24 h', '7d': '7 d', '30d': '30 d', '365d': '1 y' },
    zoomed: 'Zoomed',
    asTable: 'Show as table',
    asChart: 'Show as chart',
    time: 'Time',
    nothing: 'No samples in this time yet. One is taken every 5 minutes.',
    onePoint: 'Only one sample in this time yet: the table shows it. One is taken every 5 minutes.',
    others: 'all others',
    all: 'All mail',
    whatLabel: 'What is counted',
    what: { depth: 'Depth', received: 'Received', delivered: 'Delivered', deferred: 'Deferred', bounced: 'Bounced' },
    byLabel: 'By',
    by: { queue: 'Queue', diagnosis: 'Cause', recipient_domain: 'Domain', login: 'Login' },
    titleOf: (what: string): string => (what === 'depth' ? 'Queue depth' : 'Recipients in 5 minutes or more, from the mail log'),
    marks: 'Jobs, pauses and settings changes',
    summary: (samples: number, peak: string, line: string): string =>
      `${n(samples, { one: '# sample', other: '# samples' })}; at most ${peak} (${line}).`,
    changed: (by: string): string => `Settings changed by ${by}`,
    paused: (key: string, by: string): string => `Held back: ${key}, by ${by}`,
    resumed: (key: string): string => `No longer held back: ${key}`,
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
  above: { choice: 'Above the table', depth: 'Over time', shape: 'Shape' },
  shape: {
    title: 'Recipient domain by age',
    what: 'Messages by recipient domain and age in minutes, as qshape shows them',
    total: 'All',
    all: 'All domains',
    others: 'Others',
    age: (key: string): string => (key.endsWith('+') ? `≥ ${key.slice(0, -1)}` : `< ${key}`),
  },
};
