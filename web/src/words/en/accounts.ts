/* Accounts and signing in. */
import { n } from '../number';

export const accountWords = {
  account: 'Account',
  signedInAs: (name: string, role: string, way: string): string => `Signed in as ${name} (${way ? `${role}, ${way}` : role})`,
  bySingleSignOn: 'by single sign-on',
  youSee: 'You see only {what}',
  /* What a part of the queue is, where it can be said without a filter. */
  part: {
    to: (which: string): string => `mail to ${which}`,
    from: (which: string): string => `mail from ${which}`,
    login: (which: string): string => `mail of the login ${which}`,
    client: (which: string): string => `mail that came from ${which}`,
    more: (value: number): string => n(value, { one: '# more', other: '# more' }),
    /* The account's, and within it the token's. */
    within: (outer: string, inner: string): string => `${outer}, and of that only ${inner}`,
  },
  role: { viewer: 'viewer', operator: 'operator', admin: 'administrator' },
  signOut: 'Sign out',
  signIn: {
    what: 'The mail queue of this host.',
    name: 'Name',
    password: 'Password',
    button: 'Sign in',
    first: 'The first account is made on the host:',
    by: (issuer: string): string => `Sign in with ${issuer}`,
    away: (issuer: string): string => `${issuer} does not answer now, so nobody can sign in with it. A name and password work as before.`,
    /* How a sign-in by an issuer ended. */
    ended: {
      denied: 'You were not signed in: the sign-in service was told no.',
      expired: 'That took too long, was begun in another window, or was used already. Begin again.',
      unavailable: 'The sign-in service does not answer. Try again in a moment.',
      refused: 'What the sign-in service said does not hold, so you were not signed in. The log of Postroom says why.',
      no_role: 'You are known, but none of your groups may use Postroom. Ask who administers it (access.group).',
      name: 'The sign-in service gives you a name that cannot be used here. The log of Postroom says why.',
      locked: 'The account of your name is locked here.',
      busy: 'There were too many sign-ins. Wait a moment and begin again.',
      store: 'Your sign-in could not be written down, so you were not signed in. Try again in a moment.',
    },
  },
};
