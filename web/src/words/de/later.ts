/* The German words of all that is loaded later, by the names of the catalogues. */
import type { later as English } from '../en/later';
import { accountPageWords } from './accountPage';
import { accountsPageWords } from './accountsPage';
import { actionDialogWords } from './actionDialog';
import { alertedWords, alertsPageWords } from './alerts';
import { auditPageWords } from './audit';
import { helpPageWords } from './help';
import { incidentPageWords } from './incidentPage';
import { jobDrawerWords } from './jobDrawer';
import { messagePageWords } from './messagePage';
import { oneTimeWords } from './oneTime';
import { paletteWords } from './palette';
import { pauseDialogWords, pauseWords } from './pauses';
import { probeWords } from './probes';
import { rightsWords } from './rights';
import { runbookPageWords } from './runbook';
import { settingsPageWords } from './settings';
import { lookedWords } from './sinceLooked';
import { traceWords } from './trace';

export const later: typeof English = {
  accountPageWords,
  accountsPageWords,
  actionDialogWords,
  alertedWords,
  alertsPageWords,
  auditPageWords,
  helpPageWords,
  incidentPageWords,
  jobDrawerWords,
  messagePageWords,
  oneTimeWords,
  paletteWords,
  pauseDialogWords,
  pauseWords,
  probeWords,
  rightsWords,
  runbookPageWords,
  settingsPageWords,
  lookedWords,
  traceWords,
};
