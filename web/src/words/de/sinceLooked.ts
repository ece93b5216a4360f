/* "Since you looked", in sentences. */
import type { lookedWords as English } from '../en/sinceLooked';
import { count } from '../../lib/format';
import { n } from '../number';
import { messages } from './messages';

export const lookedWords: typeof English = {
  since: (ago) => `Seit dem letzten Blick vor ${ago}:`,
  read: 'Gelesen',
  nothing: 'nichts Neues.',
  fresh: (title) => `Neu: ${title}.`,
  grown: (title, by) => `Um ${count(by)} gewachsen: ${title}.`,
  cleared: (title) => `Vorbei: ${title}.`,
  passed: (value) => n(value, { one: '# Vorfall kam und ging.', other: '# Vorfälle kamen und gingen.' }),
  job: (by, action, total) => `${by}: ${action}, ${messages(total)}.`,
  moreJobs: (value) => n(value, { one: '# weiterer Auftrag.', other: '# weitere Aufträge.' }),
  settings: (by) => `${by} hat Einstellungen geändert.`,
  started: (time) => `Postfix wurde ${time} gestartet.`,
};
