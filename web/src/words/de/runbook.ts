/* The pages of the runbooks; what they say stands in docs/runbooks, in English. */
import type { runbookPageWords as English } from '../en/runbook';

export const runbookPageWords: typeof English = {
  all: 'Alle Anleitungen',
  inEnglish: 'Die Anleitungen sind auf Englisch geschrieben.',
  unknown: (name) => `Es gibt keine Anleitung „${name}“. Das sind alle:`,
  table: 'Eine Tabelle',
  fence: { sh: 'Befehle', log: 'Zeilen des Mail-Logs', text: 'Befehle, an den Host anzupassen' },
};
