/* The questions before an action and before a flush. They are loaded with it. */
import * as english from './en/actionDialog';
import { catalogue } from './language';

export const actionDialogWords = catalogue('actionDialogWords', english.actionDialogWords);
