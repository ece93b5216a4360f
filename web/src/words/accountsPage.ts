/* The page of accounts. They are loaded with it. */
import * as english from './en/accountsPage';
import { catalogue } from './language';

export const accountsPageWords = catalogue('accountsPageWords', english.accountsPageWords);
