/* All that is beside the first page, in one piece: loaded when any of it is first gone to. */
export { AccountPage } from './account/AccountPage';
export { MustSetUp } from './account/MustSetUp';
export { AccountsPage } from './accounts/AccountsPage';
export { AlertsPage } from './alerts/AlertsPage';
export { AuditPage } from './audit/AuditPage';
export { Drawer } from './jobs/Drawer';
export { HelpPage } from './help/HelpPage';
export { IncidentPage } from './incident/IncidentPage';
export { OpenRow } from './message/OpenRow';
export { MessagePage } from './message/MessagePage';
export { PauseDialog } from './pauses/PauseDialog';
export { PauseList } from './pauses/PauseList';
export { RunbookPage } from './runbook/RunbookPage';
export { CauseTests } from './probes/CauseTests';
export { SettingsPage } from './settings/SettingsPage';
