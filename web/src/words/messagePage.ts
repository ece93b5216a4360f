/* One message, on its page or open in its row. They are loaded with it. */
import * as english from './en/messagePage';
import { catalogue } from './language';

export const messagePageWords = catalogue('messagePageWords', english.messagePageWords);
