/* "Since you looked", in sentences. They are loaded only when somebody comes back. */
import * as english from './en/sinceLooked';
import { catalogue } from './language';

export const lookedWords = catalogue('lookedWords', english.lookedWords);
