/* Diagnoses in German, by the keys of src/postfix/diagnoses.ini. */
import { diagnosesHere } from './diagnosesHere';
import { diagnosesOfProviders } from './diagnosesOfProviders';
import { diagnosesThere } from './diagnosesThere';

/** Of each: title, likely cause, what to do. */
export type DiagnosisTexts = Record<string, [title: string, cause: string, advice: string]>;

export const diagnoses: DiagnosisTexts = { ...diagnosesHere, ...diagnosesOfProviders, ...diagnosesThere };
