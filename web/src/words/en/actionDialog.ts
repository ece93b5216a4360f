/* The questions before an action and before a flush: what exactly it would touch, and how it goes. */
import { count, span } from '../../lib/format';
import { n } from '../number';
import { messages } from './messages';

export const actionDialogWords = {
  looking: 'Looking at exactly what this would touch …',
  changed: 'Much has moved since this was shown, so nothing was done. This is what it would touch now:',
  thenNow: (then: number, now: number): string =>
    then === now
      ? `${messages(now)}, as many as before, but many of them are in another state.`
      : `${messages(now)}; before it was ${count(then)}.`,
  touches: 'Selected',
  leaves: 'Of these',
  left: (value: number): string =>
    n(value, {
      one: '# message is left as it is: the notes above say why.',
      other: '# messages are left as they are: the notes above say why.',
    }),
  sum: (matched: number, recipients: number, size: string): string =>
    `${messages(matched)}, ${n(recipients, { one: '# recipient', other: '# recipients' })}, ${size}`,
  queues: 'State',
  senders: 'Senders',
  domains: 'Domains',
  reasons: 'Reasons',
  andMore: (value: number, atLeast: boolean): string => `and ${atLeast ? 'at least ' : ''}${count(value)} more`,
  notFound: (value: number): string => `${messages(value)} left the queue already and will not be touched.`,
  sample: (shown: number, all: number): string => (shown < all ? `${count(shown)} of them` : 'All of them'),
  typeNumber: (value: string): string => `To go on, type the number ${value}`,
  atOnce: '{command} at once,',
  afterGrace: (text: string): string => `{command} after ${text}`,
  grace: 'Undo for',
  graceName: (value: number): string => (value === 0 ? 'not at all: remove at once' : span(value)),
  pace: 'Pace',
  noReload: 'Never reload Postfix: what was being delivered when it was held stays on hold for now',
  paceName: (value: number): string => (value === 0 ? 'as fast as Postfix takes them' : `${count(value)} a minute to each destination`),
  flush: {
    ask: (value: string): string => `Try all ${value} deferred messages now?`,
    caution:
      'This can be a burst: destinations that limit you may refuse more because of it. It also overrides defer_transports. ' +
      'To try only some, select them and use Retry now with a pace.',
    means: 'Success means that Postfix was asked, not that anything was delivered.',
    asked: 'Postfix was asked to try the whole queue',
  },
};
