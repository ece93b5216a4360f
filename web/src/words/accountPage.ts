/* "My account". They are loaded with it. */
import * as english from './en/accountPage';
import { catalogue } from './language';

export const accountPageWords = catalogue('accountPageWords', english.accountPageWords);
