/* "Since you looked", in sentences. They are loaded only when somebody comes back. */
import { count } from '../../lib/format';
import { n } from '../number';
import { messages } from './messages';

export const lookedWords = {
  since: (ago: string): string => `Since you looked, ${ago} ago:`,
  read: 'I have read it',
  nothing: 'nothing new.',
  fresh: (title: string): string => `New: ${title}.`,
  grown: (title: string, by: number): string => `Grown by ${count(by)}: ${title}.`,
  cleared: (title: string): string => `Cleared: ${title}.`,
  passed: (value: number): string => n(value, { one: '# incident came and went.', other: '# incidents came and went.' }),
  job: (by: string, action: string, total: number): string => `${by}: ${action}, ${messages(total)}.`,
  moreJobs: (value: number): string => n(value, { one: '# more job.', other: '# more jobs.' }),
  settings: (by: string): string => `${by} changed settings.`,
  started: (time: string): string => `Postfix was started ${time}.`,
};
