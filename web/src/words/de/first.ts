/* The German words of the first load. docs/guide/language.md has the glossary. */
import type { firstWords as English } from '../en/first';
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

const W: typeof English = {
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

export const first = { W };
