/* The words of the first load. What only a page that is loaded later says stands in a file that is loaded with it. */
import { accountWords } from './accounts';
import { actionWords } from './actions';
import { commonWords } from './common';
import { filterWords } from './filter';
import { groupWords } from './groups';
import { incidentWords } from './incidents';
import { jobWords } from './jobs';
import { messageWords } from './message';
import { problemPageWords } from './problem';
import { queueWords } from './queue';

export const firstWords = {
  ...commonWords,
  ...accountWords,
  ...queueWords,
  ...filterWords,
  ...groupWords,
  ...incidentWords,
  ...actionWords,
  ...jobWords,
  ...messageWords,
  ...problemPageWords,
};
