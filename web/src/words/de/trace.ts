/* What the mail log knows of mail that is not (or not only) in the queue. */
import type { traceWords as English } from '../en/trace';
import { count } from '../../lib/format';
import { messages } from './messages';

export const traceWords: typeof English = {
  title: 'Im Mail-Log',
  notInQueue: 'Nicht in der Warteschlange.',
  noneMatches: 'Nichts in der Warteschlange passt.',
  inLogSince: 'Im Log seit {time}: {found} {about}',
  inLog: 'Im Log: {found} {about}',
  notInLog: 'Auch im Log nicht: nichts {about}',
  found: (value, more) => (more ? `die letzten ${messages(value)}` : messages(value)),
  about: 'zu {text}',
  aboutSince: 'zu {text} seit {time}',
  notAll: 'Das Log ist noch nicht ganz gelesen.',
  older: 'Ältere zeigen',
  noSender: 'Absender nicht im Log',
  inQueue: 'in der Warteschlange',
  by: 'durch {name}',
  to: 'an {host}',
  became: 'Was daraus wurde',
  remoteId: 'dort angenommen als {id}',
  messageId: 'Message-ID',
  lives: 'Queue-IDs',
  stillQueued: 'und ist unter der letzten in der Warteschlange.',
  leftSays: 'Das Mail-Log sagt, was daraus wurde.',
  cut: 'Es gibt mehr Empfänger, als hier stehen.',
  moreRecipients: (value, cut) => (cut ? `und ${count(value)} oder mehr weitere Empfänger` : `und ${count(value)} weitere Empfänger`),
  result: {
    delivered: 'zugestellt',
    deferred: 'zurückgestellt',
    bounced: 'an den Absender zurückgeschickt',
    expired: 'zu alt: an den Absender zurückgeschickt',
    deleted: 'gelöscht',
    held: 'angehalten',
    queued: 'eingereiht',
    unknown: 'fort; das Log sagt nicht, wie',
  },
};
