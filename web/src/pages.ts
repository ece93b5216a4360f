/* All that is beside the first page, in one piece: loaded when any of it is first gone to. */
export { AccountsPage } from './accounts/AccountsPage';
export { Drawer } from './jobs/Drawer';
export { HelpPage } from './help/HelpPage';
export { IncidentPage } from './incident/IncidentPage';
export { OpenRow } from './message/OpenRow';
export { MessagePage } from './message/MessagePage';
export { SettingsPage } from './settings/SettingsPage';
