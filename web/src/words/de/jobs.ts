/* Jobs, outside of their drawer. */
import type { jobWords as English } from '../en/jobs';
import { n } from '../number';
import { messages } from './messages';

export const jobWords: typeof English = {
  jobs: {
    name: 'Aufträge',
    show: 'Zeigen',
    title: (id, action, total) => `${id}: ${action}, ${messages(total)}`,
    running: (value) => n(value, { one: '# Auftrag nicht fertig', other: '# Aufträge nicht fertig' }),
  },
};
