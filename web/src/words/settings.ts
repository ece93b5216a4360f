/* Postfix’s settings. They are loaded with their page. */
import * as english from './en/settings';
import { catalogue } from './language';

export const settingsPageWords = catalogue('settingsPageWords', english.settingsPageWords);
