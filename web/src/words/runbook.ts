/* The pages of the runbooks; what they say stands in docs/runbooks. */
import * as english from './en/runbook';
import { catalogue } from './language';

export const runbookPageWords = catalogue('runbookPageWords', english.runbookPageWords);
