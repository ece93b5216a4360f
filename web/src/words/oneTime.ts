/* One-time passwords. They are loaded when somebody has to enter one, or sets one up. */
import * as english from './en/oneTime';
import { catalogue } from './language';

export const oneTimeWords = catalogue('oneTimeWords', english.oneTimeWords);
