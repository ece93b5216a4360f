/* Tests of a destination and of our own address. They are loaded with where they are shown. */
import * as english from './en/probes';
import { catalogue } from './language';

export const probeWords = catalogue('probeWords', english.probeWords);
