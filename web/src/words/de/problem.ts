/* Mistakes, by the code that the server gives. */
import type { problemPageWords as English } from '../en/problem';

export const problemPageWords: typeof English = {
  problem: {
    title: 'Keine Antwort',
    unreachable: 'Läuft der Dienst? systemctl status postroom. Die Seite versucht es von selbst wieder.',
    unreadable: (status) => `Der Server hat so geantwortet, dass diese Seite es nicht versteht (Status ${status}).`,
    reference: 'Referenz',
    of: {
      unreachable: 'Der Server antwortet nicht.',
      login_failed: 'Name oder Passwort ist falsch.',
      login_link_invalid: 'Dieser Anmeldelink gilt nicht mehr. Einen neuen anfordern, oder mit Name und Passwort anmelden.',
      not_authenticated: 'Die Sitzung ist zu Ende. Nach der Anmeldung geht es weiter, wo die Seite war.',
      helper_unavailable: 'Der privilegierte Hilfsprozess von Postroom läuft nicht, deshalb geht keine Aktion.',
      reader_unavailable: 'Die Warteschlange lässt sich gerade nicht lesen.',
      store_unavailable: 'Die Datenbank von Postroom geht nicht. Nichts wurde getan.',
      postfix_stopped: 'Postfix läuft nicht.',
      not_current: 'Die Warteschlange ist noch nicht ganz gelesen. Nichts wurde getan; in einem Moment noch einmal versuchen.',
      forbidden: 'Dazu fehlt diesem Konto das Recht.',
      view_expired: 'Der Server hat diese Liste nicht mehr. Neu laden und noch einmal auswählen; nichts wurde getan.',
      not_all_yours: 'Sie geht auch an Empfänger außerhalb des sichtbaren Ausschnitts.',
      nothing_matched: 'Nichts zu tun: Diese Nachrichten sind nicht mehr in der Warteschlange.',
      too_many_requests: 'Zu viele Anfragen. Etwas warten.',
      last_admin: 'Das letzte Konto der Verwaltung, das sich anmelden darf, bleibt eines. Erst ein anderes anlegen oder entsperren.',
      user_not_found: 'Dieses Konto gibt es nicht mehr.',
    },
  },
};
