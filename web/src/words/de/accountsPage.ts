/* The pages of all accounts, and of one. */
import { count } from '../../lib/format';
import type { accountsPageWords as English } from '../en/accountsPage';
import { n } from '../number';

export const accountsPageWords: typeof English = {
  title: 'Konten',
  intro: 'Wer sich auf dieser Seite anmelden darf, was jedes Konto darf und welchen Teil der Warteschlange es sieht.',
  sections: 'Was aufgeführt ist',
  tabs: { accounts: 'Konten', sessions: 'Sitzungen', tokens: 'Token', usage: 'Nutzung' },
  usage: {
    what: 'Zuerst steht, wer den Dienst seit seinem Start am längsten beschäftigt hat. Niemand hält andere auf.',
    who: 'Wer',
    worked: 'Arbeit',
    requests: 'Anfragen',
    refused: (value) => `${count(value)} zu viel`,
    sent: 'Gesendet',
    content: (text) => `${text} Inhalt`,
    now: 'Jetzt',
    last: 'Zuletzt da',
    nothing: '–',
    streams: (value) => n(value, { one: '# offene Seite', other: '# offene Seiten' }),
    requestsNow: (value) => n(value, { one: '# Anfrage', other: '# Anfragen' }),
    jobs: (value) => n(value, { one: '# Auftrag', other: '# Aufträge' }),
    views: (value) => n(value, { one: '# Liste', other: '# Listen' }),
  },
  none: 'Es gibt noch kein Konto.',
  toAll: 'Alle Konten',
  name: 'Name',
  may: 'Darf',
  sees: 'Sieht',
  state: 'Zustand',
  created: 'Angelegt',
  actions: 'Aktionen',
  locked: 'gesperrt',
  open: 'darf sich anmelden',
  otp: 'Einmalpasswort',
  you: '(dieses Konto)',
  of: (action, name) => `${action}: ${name}`,
  gone: (name) => `Es gibt kein Konto ${name}. Vielleicht wurde es gelöscht; was es getan hat, bleibt im Protokoll.`,
  trail: (name) => `Was ${name} getan hat`,
  scopeBroken: 'Es sieht nichts: Das ist kein Filter mehr.',
  add: 'Konto anlegen',
  addButton: 'Anlegen',
  added: (name) => `${name} darf sich jetzt anmelden.`,
  password: 'Erstes Passwort',
  newPassword: 'Neues Passwort',
  rule: 'Mindestens 12 Zeichen, ohne den Namen darin, und keines der Passwörter, die alle zuerst probieren.',
  yourself: 'Das ist das eigene Konto: Danach ist eine neue Anmeldung nötig.',
  form: {
    title: 'Was es darf und sieht',
    role: 'Rolle',
    rights: 'Rechte',
    always: (rights) => `Mit dieser Rolle immer: ${rights}.`,
    sees: 'Sieht',
    all: 'Alles',
    part: 'Einen Ausschnitt',
    filter: 'Nur, was dieser Filter trifft',
    filterHint: 'domain:=kunde.example or from:*@kunde.example',
    empty: 'Ohne Filter wäre nichts zu sehen. „Alles“ wählen oder einen schreiben.',
    matches: (value, all) => `Er trifft jetzt ${count(value)} von ${n(all, { one: '# Nachricht', other: '# Nachrichten' })}.`,
    undecided: (value) =>
      `Bei ${n(value, { one: '# Nachricht', other: '# Nachrichten' })} lässt es sich noch nicht sagen; was sich nicht sagen lässt, ist nicht zu sehen.`,
    takes: (rights) => `Wer einen Ausschnitt sieht, hat nie diese Rechte: ${rights}; auch nicht, alle Mail sofort zu versuchen.`,
    means:
      'Anderes sieht, zählt und findet es nicht und wirkt nicht darauf ein. Eine Nachricht, die auch an andere geht, ist nur mit den ' +
      'eigenen Empfängern zu sehen, und Aktionen auf sie sind nicht möglich.',
    save: 'Speichern',
    saved: (name) => `${name} ist geändert.`,
    ends: 'Wer dieses Konto benutzt, wird sofort überall abgemeldet, und seine Token enden.',
    drop: 'Änderungen verwerfen',
  },
  change: {
    lock: {
      button: 'Sperren',
      ask: (name) => `${name} sperren?`,
      what:
        'Bis das Konto entsperrt wird, kann sich niemand damit anmelden. Wer es benutzt, wird sofort überall abgemeldet, und ' +
        'seine Token enden.',
      done: (name) => `${name} ist gesperrt.`,
    },
    unlock: {
      button: 'Entsperren',
      ask: (name) => `${name} entsperren?`,
      what: 'Das Konto kann sich wieder anmelden, mit seinem bisherigen Passwort. Alte Sitzungen und Token kommen nicht zurück.',
      done: (name) => `${name} darf sich wieder anmelden.`,
    },
    password: {
      open: 'Neues Passwort',
      button: 'Passwort setzen',
      ask: (name) => `Neues Passwort für ${name}`,
      what: 'Wer dieses Konto benutzt, wird sofort überall abgemeldet, und seine Token enden.',
      done: (name) => `${name} hat ein neues Passwort.`,
    },
    otp: {
      open: 'Einmalpasswort abnehmen',
      button: 'Abnehmen',
      ask: (name) => `${name} das Einmalpasswort abnehmen?`,
      what:
        'Für jemanden, dem Telefon und Ersatzcodes fehlen. Bis ein neues eingerichtet ist, reicht zur Anmeldung das Passwort. Vorher ' +
        'sicherstellen, dass wirklich diese Person fragt.',
      done: (name) => `${name} hat kein Einmalpasswort mehr.`,
    },
    delete: {
      open: 'Löschen',
      button: 'Konto löschen',
      ask: (name) => `Das Konto ${name} löschen?`,
      what:
        'Es lässt sich nicht zurückholen. Wer es benutzt, wird sofort überall abgemeldet, und seine Token enden. Was es getan ' +
        'hat, bleibt unter seinem Namen im Protokoll.',
      done: (name) => `${name} ist gelöscht.`,
    },
  },
};
