/* Ctrl-K. */
import * as english from './en/palette';
import { catalogue } from './language';

export const paletteWords = catalogue('paletteWords', english.paletteWords);
