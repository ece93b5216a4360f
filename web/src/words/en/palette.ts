/* Ctrl-K. */
import { count } from '../../lib/format';
import { messages } from './messages';

export const paletteWords = {
  name: 'Find anything',
  hint: 'An address, an ID, a cause, a job, a setting, an action …',
  kind: {
    action: 'action',
    page: 'page',
    from: 'sender',
    to: 'recipient',
    id: 'queue ID',
    log: 'queue and log',
    cause: 'cause',
    job: 'job',
    setting: 'setting',
    incident: 'incident',
    view: 'saved view',
    filter: 'filter',
  },
  alerts: 'what was sent, to whom, and how it went',
  alertsTab: { silences: 'Alerts: silences', channels: 'Alerts: channels and heartbeat', rules: 'Alerts: rules' },
  refresh: 'Refresh the table',
  onMarked: (action: string, value: number): string => `${action}: ${count(value)} selected`,
  queued: (value: number): string => `${messages(value)} in the queue`,
  openMessage: 'open the message, queued or not',
  queueAndLog: 'mail to it, in the queue and in the log',
  asSender: 'mail from it, in the queue and in the log',
  asFilter: 'use it as a filter',
};
