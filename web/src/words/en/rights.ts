/* What an account may do, and why something is not to be seen. */
export const rightsWords = {
  name: {
    viewer: 'see the queue',
    content: 'read mail',
    operator: 'act on messages',
    pauses: 'hold back mail',
    settings: 'change settings',
    accounts: 'manage accounts',
    audit: 'read the audit',
  },
  what: {
    viewer: 'Messages with their senders, recipients and reasons, counts, incidents and jobs.',
    content: 'Headers, text, attachments and source of messages.',
    operator: 'Retry, hold, release, re-queue, bounce and delete.',
    pauses: 'Pauses, which hold back what arrives and what is queued.',
    settings: 'Postfix’s settings, and the channels and rules of alerts.',
    accounts: 'Accounts, and the sessions and tokens of others.',
    audit: 'Who did what, and when.',
  },
  /* Who has it, and to whom it can be given. */
  whoHas: {
    viewer: 'Every account has it.',
    content: 'Operators and administrators have it; it can be given to a viewer.',
    operator: 'Operators and administrators have it.',
    pauses: 'Operators and administrators have it.',
    settings: 'Administrators have it; it can be given to an operator.',
    accounts: 'Only administrators have it.',
    audit: 'Administrators have it; it can be given to anybody.',
  },
  none: {
    title: 'Not for this account',
    lacks: (right: string): string => `This takes the right to ${right}, which your account does not have.`,
    scoped: 'Your account sees a part of the queue, and what concerns all of it is not for such an account.',
    help: 'Whoever manages the accounts of this Postroom can change that.',
    helpGroups: 'What you may here comes from your groups in the single sign-on; whoever runs this Postroom says what each group may.',
  },
  role: {
    viewer: 'sees the queue',
    operator: 'acts on messages and reads them',
    admin: 'also changes settings and accounts',
  },
  everything: 'everything',
  given: (right: string): string => `also: ${right}`,
  taken: (right: string): string => `not: ${right}`,
  lost: (rights: string): string => `not, as it sees a part: ${rights}`,
};
