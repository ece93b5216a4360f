/* Postfix’s settings. They are loaded with their page. */
import { n } from '../number';

/* The server counts no further than 200. */
const attempts = (value: number): string =>
  value >= 200 ? n(value, { other: 'More than # attempts' }) : n(value, { one: '# attempt', other: '# attempts' });

export const settingsPageWords = {
  title: 'Queue settings',
  intro: 'How long Postfix keeps trying, and how often.',
  name: 'Setting',
  value: 'Now',
  default: 'Default',
  change: 'Change to',
  readOnly: 'Settings are shown only: something else writes main.cf.',
  scoped: 'You may look at the settings. Changing them is about all of the queue, and not for an account that sees a part of it.',
  notAdmin:
    'You may look at the settings. Changing them takes the right “settings”: administrators have it, and can give it to an operator.',
  applying:
    'A change is being applied: Postfix reloads and its queue manager is watched. If it does not come back healthy, the ' +
    'change is taken back.',
  what: {
    maximal_queue_lifetime: 'How long a message is tried; after that its first failed attempt returns it.',
    bounce_queue_lifetime: 'The same for mail with the null sender (bounces); it is then dropped.',
    minimal_backoff_time: 'The least wait between two attempts; also how long a destination that does not answer is left alone.',
    maximal_backoff_time: 'The longest wait between two attempts.',
    queue_run_delay: 'How often the deferred queue is looked through for what is due.',
    delay_warning_time:
      'After how long the sender is told that mail is delayed; 0 for never. It counts for mail that is received after the change.',
  },
  setIn: { 'main.cf': 'set in main.cf', 'master.cf': 'set in master.cf', default: 'not set: the default' },
  unknownPlace: 'where it is set is not known',
  override: 'main.cf does not count here; master.cf has {value}',
  drift: 'Changed from outside; Postroom last set {value}',
  number: (name: string): string => `${name}: number`,
  unit: (name: string): string => `${name}: unit`,
  units: { s: 'seconds', m: 'minutes', h: 'hours', d: 'days', w: 'weeks' },
  leave: 'Leave as it is',
  useDefault: 'Use the default',
  defaultValue: 'default',
  between: (least: string, most: string): string => `From ${least} to ${most}.`,
  saveWhat:
    'All changes are written at once, Postfix reloads, and its queue manager is watched for a while. If it does not come ' +
    'back healthy, everything is as before.',
  save: (value: number): string => n(value, { one: 'Save # change', other: 'Save # changes' }),
  drop: 'Drop changes',
  schedule: 'When a message is tried',
  scheduleDraft: 'When a message would be tried',
  noSchedule: 'The schedule cannot be told from these values.',
  attempts: (value: number): string => `${attempts(value)}, after {times}`,
  attemptsAndLast: (value: number, last: string): string => `${attempts(value)}, after {times} … the last after ${last}`,
  spanOf: (first: string, last: string): string => `${first} to ${last}`,
  scheduleNote: 'Each wait is the message’s age, within the backoff times; then it waits for the next queue run.',
  history: 'History',
  noHistory: 'Nothing was changed here yet.',
  restores: (id: number): string => `puts back change ${id}`,
  putBack: 'Put back what was before',
  state: { applying: 'being applied', applied: 'applied', undone: 'taken back', failed: 'failed' },
};
