/* Accounts and signing in. */
import type { accountWords as English } from '../en/accounts';
import { n } from '../number';

export const accountWords: typeof English = {
  account: 'Konto',
  signedInAs: (name, role, way) => `Angemeldet als ${name} (${way ? `${role}, ${way}` : role})`,
  bySingleSignOn: 'durch Single Sign-on',
  youSee: 'Zu sehen ist nur {what}',
  part: {
    to: (which) => `Mail an ${which}`,
    from: (which) => `Mail von ${which}`,
    login: (which) => `Mail des Logins ${which}`,
    client: (which) => `Mail, die von ${which} kam`,
    more: (value) => n(value, { one: '# weitere', other: '# weitere' }),
    within: (outer, inner) => `${outer}, und davon nur ${inner}`,
  },
  role: { viewer: 'Ansicht', operator: 'Bedienung', admin: 'Verwaltung' },
  signOut: 'Abmelden',
  signIn: {
    what: 'Die Mail-Warteschlange dieses Hosts.',
    name: 'Name',
    password: 'Passwort',
    button: 'Anmelden',
    first: 'Das erste Konto wird auf dem Host angelegt:',
    by: (issuer) => `Anmelden mit ${issuer}`,
    away: (issuer) => `${issuer} antwortet gerade nicht, also kann sich niemand damit anmelden. Name und Passwort gehen wie bisher.`,
    ended: {
      denied: 'Die Anmeldung fand nicht statt: Dem Anmeldedienst wurde nein gesagt.',
      expired: 'Das hat zu lange gedauert, wurde in einem anderen Fenster begonnen oder war schon benutzt. Neu beginnen.',
      unavailable: 'Der Anmeldedienst antwortet nicht. Gleich noch einmal versuchen.',
      refused:
        'Was der Anmeldedienst sagt, hält der Prüfung nicht stand; die Anmeldung fand nicht statt. Das Log von Postroom sagt, warum.',
      no_role:
        'Der Anmeldedienst kennt dieses Konto, aber keine seiner Gruppen darf Postroom benutzen. Wer es verwaltet, hilft weiter (access.group).',
      name: 'Der Anmeldedienst nennt einen Namen, der hier nicht geht. Das Log von Postroom sagt, warum.',
      locked: 'Das Konto dieses Namens ist hier gesperrt.',
      busy: 'Es waren zu viele Anmeldungen. Einen Moment warten und neu beginnen.',
      store: 'Die Anmeldung ließ sich nicht aufschreiben und fand nicht statt. Gleich noch einmal versuchen.',
    },
  },
};
