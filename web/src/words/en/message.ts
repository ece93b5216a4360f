/* What every list says of a message that waits for a pause, or can be held back by one. */

export const messageWords = {
  pausedWord: 'paused until ',
  pausedUntil: (time: string): string => `paused until ${time}`,
  holdBack: 'Hold back …',
  holdBackOf: (what: string): string => `Hold back: ${what} …`,
  holdBackTitle: 'Hold back mail for its domain or provider, or new mail of its sender or login',
  whatToDo: 'What to do:',
};
