/* Ctrl-K. */
import type { paletteWords as English } from '../en/palette';
import { count } from '../../lib/format';
import { messages } from './messages';

export const paletteWords: typeof English = {
  name: 'Alles finden',
  hint: 'Adresse, ID, Ursache, Auftrag, Einstellung, Aktion …',
  kind: {
    action: 'Aktion',
    page: 'Seite',
    from: 'Absender',
    to: 'Empfänger',
    id: 'Queue-ID',
    log: 'Warteschlange und Log',
    cause: 'Ursache',
    job: 'Auftrag',
    setting: 'Einstellung',
    incident: 'Vorfall',
    view: 'Ansicht',
    filter: 'Filter',
  },
  alerts: 'was gesendet wurde, an wen, und wie es ging',
  alertsTab: { silences: 'Alarme: Stummschaltungen', channels: 'Alarme: Kanäle und Lebenszeichen', rules: 'Alarme: Regeln' },
  refresh: 'Tabelle neu laden',
  onMarked: (action, value) => `${action}: ${count(value)} ausgewählt`,
  queued: (value) => `${messages(value)} in der Warteschlange`,
  openMessage: 'die Nachricht öffnen, ob in der Warteschlange oder nicht',
  queueAndLog: 'Mail dorthin, in Warteschlange und Log',
  asSender: 'Mail von dort, in Warteschlange und Log',
  asFilter: 'als Filter verwenden',
};
