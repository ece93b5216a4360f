/* What the queue consists of: groups, its shape, its depth over time, who sends most. */
import type { groupWords as English } from '../en/groups';
import { count } from '../../lib/format';
import { n } from '../number';
import { messages } from './messages';

export const groupWords: typeof English = {
  chart: {
    show: 'Diagramm über der Tabelle',
    range: 'Zeitraum',
    preset: { '1h': '1 h', '6h': '6 h', '24h': '24 h', '7d': '7 d', '30d': '30 d', '365d': '1 J' },
    zoomed: 'Ausschnitt',
    asTable: 'Als Tabelle',
    asChart: 'Als Diagramm',
    time: 'Zeit',
    nothing: 'Aus dieser Zeit gibt es noch keine Messwerte. Alle 5 Minuten kommt einer dazu.',
    onePoint: 'Aus dieser Zeit gibt es erst einen Messwert: Die Tabelle zeigt ihn. Alle 5 Minuten kommt einer dazu.',
    others: 'alle anderen',
    all: 'Alle Mail',
    whatLabel: 'Was gezählt wird',
    what: { depth: 'Tiefe', received: 'Empfangen', delivered: 'Zugestellt', deferred: 'Zurückgestellt', bounced: 'Zurückgeschickt' },
    byLabel: 'Nach',
    by: { queue: 'Zustand', diagnosis: 'Ursache', recipient_domain: 'Domain', login: 'Login' },
    titleOf: (what) => (what === 'depth' ? 'Tiefe der Warteschlange' : 'Empfänger in 5 Minuten oder mehr, aus dem Mail-Log'),
    marks: 'Aufträge, Pausen und geänderte Einstellungen',
    summary: (samples, peak, line) => `${n(samples, { one: '# Messwert', other: '# Messwerte' })}; höchstens ${peak} (${line}).`,
    changed: (by) => `Einstellungen geändert von ${by}`,
    paused: (key, by) => `Zurückgehalten: ${key}, von ${by}`,
    resumed: (key) => `Nicht mehr zurückgehalten: ${key}`,
  },
  groups: {
    title: 'Woraus sie besteht',
    show: 'Gruppen neben der Tabelle',
    list: 'Arten von Gruppen',
    more: (value) => `${count(value)} weitere`,
    fewer: 'Weniger',
    none: 'Nichts zu gruppieren.',
    unknown: 'nicht bekannt',
    hint: 'Klick: nur diese. Alt-Klick: ohne diese.',
    other: (value) => `${messages(value)} in kleineren Gruppen`,
    age: (key) =>
      key.endsWith('+') ? `${key.slice(0, -1)} min und mehr` : key === '5' ? 'unter 5 min' : `${Number(key) / 2} bis ${key} min`,
    field: {
      cause: 'Ursache',
      diagnosis: 'Ursache',
      remote_host: 'Zielhost',
      remote_domain: 'Provider',
      reason: 'Grund',
      recipient_domain: 'Empfängerdomain',
      sender: 'Absender',
      sender_domain: 'Absenderdomain',
      queue: 'Zustand',
      age: 'Alter',
      client: 'Client',
      login: 'Login',
    },
  },
  above: { choice: 'Über der Tabelle', depth: 'Verlauf', shape: 'Verteilung' },
  shape: {
    title: 'Empfängerdomain nach Alter',
    what: 'Nachrichten nach Empfängerdomain und Alter in Minuten, wie qshape sie zeigt',
    total: 'Alle',
    all: 'Alle Domains',
    others: 'Andere',
    age: (key) => (key.endsWith('+') ? `≥ ${key.slice(0, -1)}` : `< ${key}`),
  },
};
