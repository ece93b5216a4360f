/* Words that several pages use, and those of the frame around them. */
import { count } from '../lib/format';
import { n } from './number';

export const commonWords = {
  loading: 'Loading …',
  notLoaded: 'This part of the page did not come: the service is away, or was updated since the page was opened.',
  reload: 'Reload the page',
  close: 'Close',
  cancel: 'Cancel',
  copy: 'Copy',
  copied: 'Copied',
  dismiss: 'Dismiss',
  none: '–',
  since: 'began',
  fix: 'Fix:',
  back: 'Back',
  backToQueue: 'To the queue',
  tryAgain: 'Try again',
  print: 'Print',
  skip: 'Skip to the content',
  skipToTable: 'Skip to the messages',
  nullSender: '<> (null sender)',
  nullSenderTitle: 'No envelope sender: a bounce or another notification',
  marks: (code: string, name: string): string => `Invisible: ${name} (${code})`,
  inTime: (text: string): string => `in ${text}`,
  ago: (text: string): string => `${text} ago`,
  bytes: (value: number): string => n(value, 'byte'),
  messages: (value: number): string => (value === 1 ? 'message' : 'messages'),
  more: (value: number): string => `+${count(value)}`,
  notices: 'Notices',
  notes: (value: number): string => n(value, 'note'),
  severity: { info: 'Note.', warning: 'Warning.', error: 'Problem.' },
  title: { queue: 'Queue', message: 'Message', settings: 'Settings', accounts: 'Accounts', help: 'Help' },
  nav: { name: 'Pages', queue: 'Queue', settings: 'Settings', help: 'Help' },
  colours: 'Colours',
  theme: { system: 'System', light: 'Light', dark: 'Dark' },
  live: {
    live: 'live',
    asOf: (time: string): string => `live, as of ${time}`,
    saved: (time: string): string => `from before the restart, as of ${time}`,
    reading: (loaded: number, expected: number | null): string =>
      expected !== null && expected >= loaded
        ? `reading, ${count(expected - loaded)} of about ${count(expected)} left`
        : `reading, ${count(loaded)} so far`,
    progress: 'How much is read',
    connecting: 'connecting',
    reconnecting: (old: string): string => (old ? `reconnecting, ${old} old` : 'reconnecting'),
    stale: (old: string): string => `not live: ${old} old`,
    paused: (since: string): string => `paused for ${since}`,
    pause: 'Pause (p)',
    goOn: 'Go on following (p)',
  },
};
