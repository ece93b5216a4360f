/* The words of the first load: W has them. Those of a page that is loaded later stand in the file of its name. */
import { firstWords } from './en/first';
import { catalogue } from './language';

export const W = catalogue('W', firstWords);
