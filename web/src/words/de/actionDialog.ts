/* The questions before an action and before a flush: what exactly it would touch, and how it goes. */
import type { actionDialogWords as English } from '../en/actionDialog';
import { count, span } from '../../lib/format';
import { n } from '../number';
import { messages } from './messages';

export const actionDialogWords: typeof English = {
  looking: 'Es wird nachgesehen, was genau das betrifft …',
  changed: 'Seit der Anzeige hat sich viel bewegt, deshalb wurde nichts getan. Das würde es jetzt betreffen:',
  thenNow: (then, now) =>
    then === now
      ? `${messages(now)}, so viele wie vorher, aber viele davon in einem anderen Zustand.`
      : `${messages(now)}; vorher waren es ${count(then)}.`,
  touches: 'Ausgewählt',
  leaves: 'Davon',
  left: (value) =>
    n(value, {
      one: '# Nachricht bleibt, wie sie ist: Die Hinweise oben sagen, warum.',
      other: '# Nachrichten bleiben, wie sie sind: Die Hinweise oben sagen, warum.',
    }),
  sum: (matched, recipients, size) => `${messages(matched)}, ${n(recipients, { other: '# Empfänger' })}, ${size}`,
  queues: 'Zustand',
  senders: 'Absender',
  domains: 'Domains',
  reasons: 'Gründe',
  andMore: (value, atLeast) => (atLeast ? `und mindestens ${count(value)} weitere` : `und ${count(value)} weitere`),
  notFound: (value) =>
    n(value, {
      one: '# Nachricht hat die Warteschlange schon verlassen und bleibt unberührt.',
      other: '# Nachrichten haben die Warteschlange schon verlassen und bleiben unberührt.',
    }),
  sample: (shown, all) => (shown < all ? `${count(shown)} davon` : 'Alle'),
  typeNumber: (value) => `Zum Fortfahren die Zahl ${value} eintippen`,
  atOnce: '{command} sofort,',
  afterGrace: (text) => `{command} nach ${text}`,
  grace: 'Rückgängig für',
  graceName: (value) => (value === 0 ? 'gar nicht: sofort entfernen' : span(value)),
  pace: 'Tempo',
  noReload: 'Postfix nie neu laden: Was beim Anhalten gerade zugestellt wurde, bleibt dann vorerst angehalten',
  paceName: (value) => (value === 0 ? 'so schnell, wie Postfix sie nimmt' : `${count(value)} pro Minute an jedes Ziel`),
  flush: {
    ask: (value) => `Alle ${value} zurückgestellten Nachrichten jetzt versuchen?`,
    caution:
      'Das kann ein Schwall werden: Ziele mit Mengengrenzen lehnen dann vielleicht noch mehr ab. Auch defer_transports gilt dabei ' +
      'nicht. Für einzelne Nachrichten: auswählen und „Jetzt versuchen“ mit einem Tempo.',
    means: 'Erfolg heißt, dass Postfix gebeten wurde, nicht dass etwas zugestellt wurde.',
    asked: 'Postfix wurde gebeten, die ganze Warteschlange zu versuchen',
  },
};
