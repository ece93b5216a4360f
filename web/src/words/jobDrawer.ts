/* The drawer of jobs. They are loaded with it. */
import * as english from './en/jobDrawer';
import { catalogue } from './language';

export const jobDrawerWords = catalogue('jobDrawerWords', english.jobDrawerWords);
