/* What the mail log knows of mail that is not (or not only) in the queue. */
import { count } from '../../lib/format';
import { messages } from './messages';

export const traceWords = {
  title: 'In the mail log',
  notInQueue: 'Not in the queue.',
  noneMatches: 'Nothing in the queue matches.',
  inLogSince: 'In the log since {time}: {found} {about}',
  inLog: 'In the log: {found} {about}',
  notInLog: 'Not in the log either: nothing {about}',
  found: (value: number, more: boolean): string => (more ? `the last ${messages(value)}` : messages(value)),
  about: 'about {text}',
  aboutSince: 'about {text} since {time}',
  notAll: 'Not all of the log has been read yet.',
  older: 'Show older ones',
  noSender: 'sender not in the log',
  inQueue: 'in the queue',
  by: 'by {name}',
  to: 'to {host}',
  became: 'What became of it',
  remoteId: 'taken there as {id}',
  messageId: 'Message-ID',
  lives: 'Queue IDs',
  stillQueued: 'and is in the queue under the last one.',
  leftSays: 'The mail log says what became of it.',
  cut: 'There are more recipients than are told here.',
  moreRecipients: (value: number, cut: boolean): string => `and ${count(value)}${cut ? ' or more' : ''} more recipients`,
  result: {
    delivered: 'delivered',
    deferred: 'deferred',
    bounced: 'returned to the sender',
    expired: 'too old: returned to the sender',
    deleted: 'deleted',
    held: 'held',
    queued: 'queued',
    unknown: 'left; the log does not say how',
  },
};
