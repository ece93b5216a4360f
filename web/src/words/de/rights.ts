/* What an account may do, and why something is not to be seen. */
import type { rightsWords as English } from '../en/rights';

export const rightsWords: typeof English = {
  name: {
    viewer: 'die Warteschlange sehen',
    content: 'Mail lesen',
    operator: 'auf Nachrichten einwirken',
    pauses: 'Mail zurückhalten',
    settings: 'Einstellungen ändern',
    accounts: 'Konten verwalten',
    audit: 'das Protokoll lesen',
  },
  what: {
    viewer: 'Nachrichten mit Absendern, Empfängern und Gründen, Zahlen, Vorfälle und Aufträge.',
    content: 'Header, Text, Anhänge und Quelltext von Nachrichten.',
    operator: 'Versuchen, anhalten, freigeben, neu einreihen, zurückschicken und löschen.',
    pauses: 'Pausen: Sie halten zurück, was ankommt und was wartet.',
    settings: 'Einstellungen von Postfix; Kanäle und Regeln der Alarme.',
    accounts: 'Konten; Sitzungen und Token von anderen.',
    audit: 'Wer was wann getan hat.',
  },
  whoHas: {
    viewer: 'Jedes Konto hat es.',
    content: 'Bedienung und Verwaltung haben es; einem Konto mit der Rolle Ansicht lässt es sich geben.',
    operator: 'Bedienung und Verwaltung haben es.',
    pauses: 'Bedienung und Verwaltung haben es.',
    settings: 'Die Verwaltung hat es; einem Konto mit der Rolle Bedienung lässt es sich geben.',
    accounts: 'Nur die Verwaltung hat es.',
    audit: 'Die Verwaltung hat es; jedem anderen Konto lässt es sich geben.',
  },
  none: {
    title: 'Nicht für dieses Konto',
    lacks: (right) => `Dafür ist das Recht nötig: ${right}. Diesem Konto fehlt es.`,
    scoped: 'Dieses Konto sieht einen Ausschnitt der Warteschlange. Was alle Mail betrifft, ist nicht für ein solches Konto.',
    help: 'Wer die Konten dieses Postroom verwaltet, kann das ändern.',
    helpGroups:
      'Was dieses Konto hier darf, kommt von seinen Gruppen im Single Sign-on; wer dieses Postroom betreibt, legt fest, was jede Gruppe darf.',
  },
  role: {
    viewer: 'sieht die Warteschlange',
    operator: 'wirkt auf Nachrichten ein und liest sie',
    admin: 'ändert auch Einstellungen und Konten',
  },
  everything: 'alles',
  given: (right) => `dazu: ${right}`,
  taken: (right) => `nicht: ${right}`,
  lost: (rights) => `nicht, weil es nur einen Ausschnitt sieht: ${rights}`,
};
