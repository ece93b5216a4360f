/* What the mail log knows of mail that is not (or not only) in the queue. */
import * as english from './en/trace';
import { catalogue } from './language';

export const traceWords = catalogue('traceWords', english.traceWords);
