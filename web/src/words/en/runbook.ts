/* The pages of the runbooks; what they say stands in docs/runbooks. */
export const runbookPageWords = {
  all: 'All runbooks',
  /* For other languages. */
  inEnglish: 'The runbooks are written in English.',
  unknown: (name: string): string => `There is no runbook “${name}”. These are all of them:`,
  table: 'A table',
  fence: { sh: 'Commands', log: 'Lines of the mail log', text: 'Commands to fit to your host' },
};
