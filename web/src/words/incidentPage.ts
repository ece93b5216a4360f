/* An incident's own page. They are loaded with it. */
import * as english from './en/incidentPage';
import { catalogue } from './language';

export const incidentPageWords = catalogue('incidentPageWords', english.incidentPageWords);
