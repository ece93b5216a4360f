/* The page of alerts. They are loaded with it. */
import * as english from './en/alerts';
import { catalogue } from './language';

export const alertsPageWords = catalogue('alertsPageWords', english.alertsPageWords);
export const alertedWords = catalogue('alertedWords', english.alertedWords);
