/* All words of the page: W has them, a file for each page has what they are. */
import { accountWords } from './accounts';
import { actionWords } from './actions';
import { commonWords } from './common';
import { filterWords } from './filter';
import { groupWords } from './groups';
import { helpWords } from './help';
import { incidentWords } from './incidents';
import { jobWords } from './jobs';
import { messageWords } from './message';
import { problemPageWords } from './problem';
import { queueWords } from './queue';
import { settingsWords } from './settings';
import { traceWords } from './trace';

export const W = {
  ...commonWords,
  ...accountWords,
  ...queueWords,
  ...filterWords,
  ...groupWords,
  ...incidentWords,
  ...actionWords,
  ...jobWords,
  ...messageWords,
  ...settingsWords,
  ...traceWords,
  ...helpWords,
  ...problemPageWords,
};
