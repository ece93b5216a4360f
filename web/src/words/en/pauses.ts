/* Pauses: mail that is held back for a time. Loaded with the list and the dialog. */
import type { PauseKind } from '../../api/types';
import { count, span } from '../../lib/format';
import { n } from '../number';
import { messages } from './messages';

export const pauseWords = {
  name: 'Held back',
  kind: { domain: 'domain', provider: 'provider', sender: 'sender', login: 'login' } as Record<PauseKind, string>,
  doesFor: (kind: PauseKind, throttle: number): string =>
    kind === 'sender' || kind === 'login'
      ? 'new mail goes on hold whole; by {who}: {reason}'
      : throttle > 0
        ? `one message in ${span(throttle)} passes; by {who}: {reason}`
        : 'nothing passes, new mail waits, too; by {who}: {reason}',
  state: { setting: 'being set', lifting: 'ending', in_force: '', ended: 'ended', failed: 'failed' },
  until: 'until {time}',
  waiting: (value: number | null): string => (value === null ? 'not counted' : `${count(value)} wait`),
  held: (value: number | null): string => (value === null ? 'not counted' : `${count(value)} on hold`),
  domains: (value: number): string => n(value, { one: '# domain', other: '# domains' }),
  lift: 'Lift',
  liftTitle: 'Ends it now; what waited is tried again at a pace',
  liftHeldTitle: 'Ends it now; what it has put on hold stays there',
  liftAndRelease: (value: number): string => `Lift and release ${count(value)}`,
  lifted: (key: string): string => `The pause of ${key} ends. Postfix notices within 30 s.`,
  longer: 'Longer',
  inHours: (hours: number): string => `Until ${hours} h from now`,
  tomorrow: 'Until tomorrow 8:00',
  changed: (key: string): string => `The pause of ${key} has another end.`,
  foreign: (value: number): string => `${count(value)} held back outside of Postroom`,
  released: (key: string): string => `Held by the pause of ${key}`,
};

export const pauseDialogWords = {
  title: 'Hold back mail',
  titleOf: (key: string): string => `Hold back mail: ${key}`,
  of: 'What',
  kinds: {
    domain: ['For a domain', 'Mail for its addresses is accepted and waits; other recipients of the same messages get theirs.'],
    provider: ['For a provider', 'The same for every domain whose mail goes to these hosts, also those that become known later.'],
    sender: ['From a sender', 'New mail that comes over SMTP goes on hold whole. What is queued already is not touched.'],
    login: ['From a login', 'New mail that this SASL login gives in by SMTP goes on hold whole. What is queued already is not touched.'],
  } as Record<PauseKind, [string, string]>,
  key: { domain: 'Domain', provider: 'Remote host or provider', sender: 'Envelope sender', login: 'Login' } as Record<PauseKind, string>,
  example: { domain: 'shop.example', provider: 'outlook.com', sender: 'news@shop.example', login: 'info' } as Record<PauseKind, string>,
  subdomains: 'Its subdomains, too',
  throttle: 'Lets pass',
  nothing: 'nothing',
  oneIn: (seconds: number): string => `one message in ${span(seconds)}`,
  end: 'Until',
  ends: { '1': 'in 1 h', '4': 'in 4 h', morning: 'tomorrow morning, 8:00', own: 'a time of your own' } as Record<string, string>,
  own: 'Date and time',
  long: 'Longer than 24 hours is meant',
  reason: 'Why',
  reasonHint: 'Whoever finds mail waiting reads this',
  release: 'At its end, release what it has put on hold',
  looking: 'Counting what would wait …',
  waits: (value: number): string => `${messages(value)} would wait`,
  untouched: (value: number): string => `${messages(value)} queued already, not touched`,
  goesOn: (value: number): string => `${messages(value)} in delivery now, which goes on`,
  expires: (value: number): string => `${messages(value)} would be returned: their lifetime ends before`,
  holdExpiring: (value: number): string =>
    n(value, { one: 'Put it on hold, where nothing expires', other: 'Put these # on hold, where nothing expires' }),
  holdQueued: (value: number): string => n(value, { one: 'Hold it, too', other: 'Hold these #, too' }),
  ownEntries: 'Not held back, because Postfix’s own tables say where it goes',
  confirm: (key: string): string => `${key} is a domain of ours. Type it to go on:`,
  button: 'Hold back',
  needsKey: 'Say what to hold back.',
  needsEnd: 'Give an end that is still to come.',
  needsReason: 'Say why: whoever finds mail waiting reads it.',
  done: (key: string): string => `Mail is held back: ${key}. Postfix notices within 30 s.`,
  noteExpiring: (key: string): string => `Would expire during the pause of ${key}`,
  noteQueued: (key: string): string => `With the pause of ${key}`,
  setup: {
    title: 'Postfix has to be set up for this once',
    what: 'Pauses need these lines in main.cf. They stay, and do nothing while nothing is paused. “postroom pause setup --undo” takes them out again.',
    changed: 'Somebody has changed these lines in main.cf since they were written.',
    impossible: 'This cannot be done from here:',
    before: 'now',
    after: 'then',
    notSet: '(not set)',
    button: 'Write these lines and reload Postfix',
    admin: 'An administrator can do this, here or by “postroom pause setup”.',
  },
};
