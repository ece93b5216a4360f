/* What an account may do, and why something is not to be seen. Loaded with the pages that say it. */
import * as english from './en/rights';
import { catalogue } from './language';

export const rightsWords = catalogue('rightsWords', english.rightsWords);
