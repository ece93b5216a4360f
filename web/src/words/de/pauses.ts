/* Pauses: mail that is held back for a time. */
import type { pauseDialogWords as EnglishDialog, pauseWords as English } from '../en/pauses';
import { count, span } from '../../lib/format';
import { n } from '../number';
import { messages } from './messages';

export const pauseWords: typeof English = {
  name: 'Zurückgehalten',
  kind: { domain: 'Domain', provider: 'Provider', sender: 'Absender', login: 'Login' },
  doesFor: (kind, throttle) =>
    kind === 'sender' || kind === 'login'
      ? 'neue Mail wird ganz angehalten; von {who}: {reason}'
      : throttle > 0
        ? `eine Nachricht in ${span(throttle)} kommt durch; von {who}: {reason}`
        : 'nichts kommt durch, auch neue Mail wartet; von {who}: {reason}',
  state: { setting: 'wird gesetzt', lifting: 'endet', in_force: '', ended: 'zu Ende', failed: 'fehlgeschlagen' },
  until: 'bis {time}',
  waiting: (value) => (value === null ? 'nicht gezählt' : n(value, { one: '# wartet', other: '# warten' })),
  held: (value) => (value === null ? 'nicht gezählt' : `${count(value)} angehalten`),
  domains: (value) => n(value, { one: '# Domain', other: '# Domains' }),
  lift: 'Aufheben',
  liftTitle: 'Beendet sie jetzt; was gewartet hat, wird mit Tempo wieder versucht',
  liftHeldTitle: 'Beendet sie jetzt; was sie angehalten hat, bleibt angehalten',
  liftAndRelease: (value) => `Aufheben und ${count(value)} freigeben`,
  lifted: (key) => `Die Pause von ${key} endet. Postfix merkt es innerhalb von 30 s.`,
  longer: 'Länger',
  inHours: (hours) => `Noch ${hours} h ab jetzt`,
  tomorrow: 'Bis morgen 8:00',
  changed: (key) => `Die Pause von ${key} hat ein anderes Ende.`,
  foreign: (value) => `${count(value)} außerhalb von Postroom zurückgehalten`,
  released: (key) => `Angehalten durch die Pause von ${key}`,
};

export const pauseDialogWords: typeof EnglishDialog = {
  title: 'Mail zurückhalten',
  titleOf: (key) => `Mail zurückhalten: ${key}`,
  of: 'Was',
  kinds: {
    domain: ['Für eine Domain', 'Mail an ihre Adressen wird angenommen und wartet; andere Empfänger derselben Nachrichten bekommen ihre.'],
    provider: ['Für einen Provider', 'Dasselbe für jede Domain, deren Mail zu diesen Hosts geht, auch für später bekannte.'],
    sender: [
      'Von einem Absender',
      'Neue Mail, die über SMTP kommt, wird ganz angehalten. Was schon in der Warteschlange ist, bleibt unberührt.',
    ],
    login: [
      'Von einem Login',
      'Neue Mail, die dieser SASL-Login über SMTP einliefert, wird ganz angehalten. Was schon in der Warteschlange ist, bleibt unberührt.',
    ],
  },
  key: { domain: 'Domain', provider: 'Zielhost oder Provider', sender: 'Envelope-Absender', login: 'Login' },
  example: { domain: 'shop.example', provider: 'outlook.com', sender: 'news@shop.example', login: 'info' },
  subdomains: 'Auch ihre Subdomains',
  throttle: 'Lässt durch',
  nothing: 'nichts',
  oneIn: (seconds) => `eine Nachricht in ${span(seconds)}`,
  end: 'Bis',
  ends: { '1': 'in 1 h', '4': 'in 4 h', morning: 'morgen früh, 8:00', own: 'eine eigene Zeit' },
  own: 'Datum und Uhrzeit',
  long: 'Länger als 24 Stunden ist gewollt',
  reason: 'Warum',
  reasonHint: 'Das liest, wer wartende Mail findet',
  release: 'Am Ende freigeben, was sie angehalten hat',
  looking: 'Es wird gezählt, was warten würde …',
  waits: (value) => n(value, { one: '# Nachricht würde warten', other: '# Nachrichten würden warten' }),
  untouched: (value) => `${messages(value)} schon in der Warteschlange, unberührt`,
  goesOn: (value) => `${messages(value)} gerade in Zustellung, die weitergeht`,
  expires: (value) =>
    n(value, {
      one: '# Nachricht ginge zurück: Ihre Lebensdauer endet vorher',
      other: '# Nachrichten gingen zurück: Ihre Lebensdauer endet vorher',
    }),
  holdExpiring: (value) =>
    n(value, { one: 'Sie anhalten; angehalten läuft nichts ab', other: 'Diese # anhalten; angehalten läuft nichts ab' }),
  holdQueued: (value) => n(value, { one: 'Auch sie anhalten', other: 'Auch diese # anhalten' }),
  ownEntries: 'Nicht zurückgehalten, weil eigene Tabellen von Postfix sagen, wohin es geht',
  confirm: (key) => `${key} ist eine eigene Domain. Zum Fortfahren eintippen:`,
  button: 'Zurückhalten',
  needsKey: 'Es fehlt, was zurückgehalten werden soll.',
  needsEnd: 'Es fehlt ein Ende, das noch kommt.',
  needsReason: 'Es fehlt, warum: Das liest, wer wartende Mail findet.',
  done: (key) => `Mail wird zurückgehalten: ${key}. Postfix merkt es innerhalb von 30 s.`,
  noteExpiring: (key) => `Würde während der Pause von ${key} ablaufen`,
  noteQueued: (key) => `Mit der Pause von ${key}`,
  setup: {
    title: 'Postfix muss dafür einmal eingerichtet werden',
    what: 'Pausen brauchen diese Zeilen in main.cf. Sie bleiben und tun nichts, solange nichts pausiert ist. „postroom pause setup --undo“ nimmt sie wieder heraus.',
    changed: 'Diese Zeilen in main.cf wurden geändert, seit sie geschrieben wurden.',
    impossible: 'Das geht von hier aus nicht:',
    before: 'jetzt',
    after: 'dann',
    notSet: '(nicht gesetzt)',
    button: 'Diese Zeilen schreiben und Postfix neu laden',
    admin: 'Das geht mit der Rolle Verwaltung, hier oder mit „postroom pause setup“.',
  },
};
