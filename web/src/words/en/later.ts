/* All that is loaded later, by the names of the catalogues. The page loads each part with what reads it; this is for other languages. */
import { accountPageWords } from './accountPage';
import { accountsPageWords } from './accountsPage';
import { alertedWords, alertsPageWords } from './alerts';
import { auditPageWords } from './audit';
import { helpPageWords } from './help';
import { incidentPageWords } from './incidentPage';
import { oneTimeWords } from './oneTime';
import { paletteWords } from './palette';
import { pauseDialogWords, pauseWords } from './pauses';
import { probeWords } from './probes';
import { rightsWords } from './rights';
import { runbookPageWords } from './runbook';
import { settingsPageWords } from './settings';
import { lookedWords } from './sinceLooked';
import { traceWords } from './trace';

export const later = {
  accountPageWords,
  accountsPageWords,
  alertedWords,
  alertsPageWords,
  auditPageWords,
  helpPageWords,
  incidentPageWords,
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
