/* What every list says of a message that waits for a pause, or can be held back by one. */
import type { messageWords as English } from '../en/message';

export const messageWords: typeof English = {
  pausedWord: 'pausiert bis ',
  pausedUntil: (time) => `pausiert bis ${time}`,
  holdBack: 'Zurückhalten …',
  holdBackOf: (what) => `Zurückhalten: ${what} …`,
  holdBackTitle: 'Mail an ihre Domain oder ihren Provider zurückhalten, oder neue Mail ihres Absenders oder Logins',
  whatToDo: 'Was zu tun ist:',
};
