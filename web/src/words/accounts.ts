/* Accounts and signing in. */
export const accountWords = {
  account: 'Account',
  manageAccounts: 'Accounts …',
  signedInAs: (name: string, role: string): string => `${name}, ${role}`,
  role: { viewer: 'viewer', operator: 'operator', admin: 'administrator' },
  signOut: 'Sign out',
  signIn: {
    what: 'The mail queue of this host.',
    name: 'Name',
    password: 'Password',
    button: 'Sign in',
    first: 'The first account is made on the host:',
  },
};
