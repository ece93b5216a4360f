/* The page of accounts. They are loaded with it. */
export const accountsPageWords = {
  title: 'Accounts',
  intro:
    'Who may sign in on this page, and what each may do. A viewer sees the queue, an operator also reads and acts on ' +
    'messages, an administrator also changes settings and accounts.',
  notAdmin: 'Only an administrator may see and change accounts.',
  none: 'There is no account yet.',
  name: 'Name',
  role: 'Role',
  roleOf: (name: string): string => `Role of ${name}`,
  state: 'State',
  created: 'Added',
  actions: 'Actions',
  locked: 'locked',
  open: 'may sign in',
  you: '(you)',
  of: (action: string, name: string): string => `${action}: ${name}`,
  add: 'Add an account',
  addButton: 'Add',
  added: (name: string): string => `${name} may sign in now.`,
  password: 'First password',
  newPassword: 'New password',
  rule: 'At least 12 characters, without the name in it, and none of the passwords that everybody tries first.',
  yourself: 'This is your own account: you have to sign in again.',
  change: {
    role: {
      open: 'Role',
      button: 'Change the role',
      ask: (name: string, role: string): string => `Make ${name} ${role}?`,
      what: 'Whoever uses this account is signed out everywhere at once, and its tokens end.',
      done: (name: string): string => `${name} has another role now.`,
    },
    lock: {
      open: 'Lock',
      button: 'Lock',
      ask: (name: string): string => `Lock ${name}?`,
      what:
        'Nobody can sign in with this account until it is unlocked. Whoever uses it is signed out everywhere at once, and its ' +
        'tokens end.',
      done: (name: string): string => `${name} is locked.`,
    },
    unlock: {
      open: 'Unlock',
      button: 'Unlock',
      ask: (name: string): string => `Unlock ${name}?`,
      what: 'The account can sign in again, with the password that it had. Its old sessions and tokens do not come back.',
      done: (name: string): string => `${name} may sign in again.`,
    },
    password: {
      open: 'New password',
      button: 'Set the password',
      ask: (name: string): string => `A new password for ${name}`,
      what: 'Whoever uses this account is signed out everywhere at once, and its tokens end.',
      done: (name: string): string => `${name} has a new password.`,
    },
    delete: {
      open: 'Delete',
      button: 'Delete the account',
      ask: (name: string): string => `Delete the account ${name}?`,
      what:
        'It cannot be brought back. Whoever uses it is signed out everywhere at once, and its tokens end. What it did stays in ' +
        'the history under its name.',
      done: (name: string): string => `${name} is deleted.`,
    },
  },
};
