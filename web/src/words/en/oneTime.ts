/* One-time passwords: the second step of signing in, and setting one up. */
import { n } from '../number';

export const oneTimeWords = {
  title: 'One-time password',
  step: {
    title: 'One more step',
    what: 'The six digits that your authenticator app shows now, or one of your recovery codes.',
    code: 'Code',
    button: 'Sign in',
    back: 'Start again',
  },
  what: 'With it, a stolen password alone signs nobody in: an app on your phone shows six digits, anew every 30 seconds.',
  off: 'There is none for this sign-in: {setting} is off on this host, or you did not sign in with a password.',
  none: 'You have none.',
  required: 'This Postroom asks for a one-time password. Set it up to go on: it takes a minute and an authenticator app.',
  since: 'Set up {time}.',
  codesLeft: (value: number): string =>
    value === 0
      ? 'No recovery code is left. Take it off and set it up again to get new ones.'
      : n(value, { one: '# recovery code is left.', other: '# recovery codes are left.' }),
  begin: 'Set it up',
  first: 'An open browser alone must not be enough for this.',
  goOn: 'Go on',
  scan: 'Scan this with your authenticator app.',
  picture: 'QR code for your authenticator app; the text beside it says the same',
  byHand: 'Or type this key into it:',
  enter: 'Then enter the six digits that it shows.',
  confirm: 'Confirm',
  wrong: 'That is not what the app shows now. Is the clock of the phone right?',
  codes: {
    title: 'Your recovery codes',
    what: 'Each opens your account once, when the phone is lost. They are shown this once: keep them where the phone is not.',
    copy: 'Copy all',
    save: 'Save as a file',
    file: 'postroom-recovery-codes.txt',
    kept: 'I have kept them',
  },
  stays: 'This Postroom asks for it: once taken off, a new one has to be set up before anything else.',
  take: 'Take it off',
  takeTitle: 'Take off your one-time password?',
  takeWhat: 'Afterwards your password alone signs in. Enter your password and a code to show that it is you.',
  taken: 'Your one-time password is taken off.',
};
