/* The page of the audit. They are loaded with it. */
import * as english from './en/audit';
import { catalogue } from './language';

export const auditPageWords = catalogue('auditPageWords', english.auditPageWords);
