/* Postfix’s settings. */
import type { settingsPageWords as English } from '../en/settings';
import { n } from '../number';

/* The server counts no further than 200. */
const attempts = (value: number): string =>
  value >= 200 ? n(value, { other: 'Mehr als # Versuche' }) : n(value, { one: '# Versuch', other: '# Versuche' });

export const settingsPageWords: typeof English = {
  title: 'Einstellungen der Warteschlange',
  intro: 'Wie lange Postfix es versucht, und wie oft.',
  name: 'Einstellung',
  value: 'Jetzt',
  default: 'Standard',
  change: 'Ändern in',
  readOnly: 'Einstellungen werden nur gezeigt: Etwas anderes schreibt main.cf.',
  scoped: 'Ansehen ist erlaubt. Ändern betrifft die ganze Warteschlange und ist nicht für ein Konto, das einen Ausschnitt sieht.',
  notAdmin:
    'Ansehen ist erlaubt. Zum Ändern ist das Recht „Einstellungen“ nötig: Die Verwaltung hat es und kann es einem Konto mit der Rolle Bedienung geben.',
  applying:
    'Eine Änderung läuft: Postfix wird neu geladen und sein Queue-Manager beobachtet. Kommt er nicht gesund zurück, wird die ' +
    'Änderung zurückgenommen.',
  what: {
    maximal_queue_lifetime: 'Wie lange eine Nachricht versucht wird; danach geht sie nach dem ersten Fehlversuch zurück.',
    bounce_queue_lifetime: 'Dasselbe für Mail mit leerem Absender (Bounces); sie wird dann verworfen.',
    minimal_backoff_time: 'Die kürzeste Wartezeit zwischen zwei Versuchen; so lange bleibt auch ein Ziel in Ruhe, das nicht antwortet.',
    maximal_backoff_time: 'Die längste Wartezeit zwischen zwei Versuchen.',
    queue_run_delay: 'Wie oft die zurückgestellten Nachrichten auf fällige durchgesehen werden.',
    delay_warning_time:
      'Nach welcher Zeit der Absender erfährt, dass sich Mail verzögert; 0 für nie. Gilt für Mail, die nach der Änderung ankommt.',
  },
  setIn: { 'main.cf': 'gesetzt in main.cf', 'master.cf': 'gesetzt in master.cf', default: 'nicht gesetzt: der Standard' },
  unknownPlace: 'wo gesetzt, ist nicht bekannt',
  override: 'main.cf zählt hier nicht; in master.cf steht {value}',
  drift: 'Von außen geändert; Postroom hatte zuletzt {value} gesetzt',
  number: (name) => `${name}: Zahl`,
  unit: (name) => `${name}: Einheit`,
  units: { s: 'Sekunden', m: 'Minuten', h: 'Stunden', d: 'Tage', w: 'Wochen' },
  leave: 'So lassen',
  useDefault: 'Standard nehmen',
  defaultValue: 'Standard',
  between: (least, most) => `Von ${least} bis ${most}.`,
  saveWhat:
    'Alle Änderungen werden auf einmal geschrieben, Postfix wird neu geladen und sein Queue-Manager eine Weile beobachtet. Kommt ' +
    'er nicht gesund zurück, ist alles wie vorher.',
  save: (value) => n(value, { one: '# Änderung speichern', other: '# Änderungen speichern' }),
  drop: 'Änderungen verwerfen',
  schedule: 'Wann eine Nachricht versucht wird',
  scheduleDraft: 'Wann eine Nachricht versucht würde',
  noSchedule: 'Aus diesen Werten lässt sich kein Plan ableiten.',
  attempts: (value) => `${attempts(value)}, nach {times}`,
  attemptsAndLast: (value, last) => `${attempts(value)}, nach {times} … der letzte nach ${last}`,
  spanOf: (first, last) => `${first} bis ${last}`,
  scheduleNote: 'Jede Wartezeit ist das Alter der Nachricht, innerhalb der Grenzen; dann wartet sie auf den nächsten Durchgang.',
  history: 'Verlauf',
  noHistory: 'Hier wurde noch nichts geändert.',
  restores: (id) => `stellt den Stand vor Änderung ${id} wieder her`,
  putBack: 'Wiederherstellen, was vorher war',
  state: { applying: 'läuft', applied: 'angewendet', undone: 'zurückgenommen', failed: 'fehlgeschlagen' },
};
