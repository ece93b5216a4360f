/* Pauses: mail that is held back for a time. Loaded with the list and the dialog. */
import * as english from './en/pauses';
import { catalogue } from './language';

export const pauseWords = catalogue('pauseWords', english.pauseWords);
export const pauseDialogWords = catalogue('pauseDialogWords', english.pauseDialogWords);
