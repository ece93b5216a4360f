/* What a silence is about, as words: "Destination, about bigmail.example". */
import type { AlertSilence } from '../api/types';
import { W } from '../words';
import { alertsPageWords as A } from '../words/alerts';

export const aboutText = ({ kind, key, severity }: Pick<AlertSilence, 'kind' | 'key' | 'severity'>): string =>
  [kind && W.incidents.kind[kind], key && A.sentence.about(key), severity && W.incidents.severity[severity]].filter(Boolean).join(', ') ||
  A.silences.everything;
