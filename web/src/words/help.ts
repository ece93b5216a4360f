/* The help page. */
import * as english from './en/help';
import { catalogue } from './language';

export const helpPageWords = catalogue('helpPageWords', english.helpPageWords);
