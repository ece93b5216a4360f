/* The server's texts in German: one table of all families. */
import type { ServerTexts } from '../../server';
import { diagnoses } from './diagnoses';
import { filterTexts } from './filters';
import { incidentTexts } from './incidents';
import { jobTexts } from './jobs';
import { problemTexts } from './problems';
import { refusalTexts } from './refusals';
import { warningTexts } from './warnings';

const ofDiagnoses = Object.entries(diagnoses).flatMap(([key, [title, cause, advice]]) => [
  [`diagnosis.${key}.title`, title],
  [`diagnosis.${key}.cause`, cause],
  [`diagnosis.${key}.advice`, advice],
]);

export const serverTexts: ServerTexts = {
  ...Object.fromEntries(ofDiagnoses),
  ...jobTexts,
  ...warningTexts,
  ...incidentTexts,
  ...problemTexts,
  ...refusalTexts,
  ...filterTexts,
};
