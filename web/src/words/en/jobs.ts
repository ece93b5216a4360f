/* Jobs, outside of their drawer. */
import { n } from '../number';
import { messages } from './messages';

export const jobWords = {
  jobs: {
    name: 'Jobs',
    show: 'Show',
    title: (id: number, action: string, total: number): string => `${id}: ${action}, ${messages(total)}`,
    running: (value: number): string => n(value, { one: '# job not finished', other: '# jobs not finished' }),
  },
};
