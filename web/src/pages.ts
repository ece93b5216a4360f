/* All pages but the first, in one piece: loaded when one of them is first gone to. */
export { AccountsPage } from './accounts/AccountsPage';
export { HelpPage } from './help/HelpPage';
export { IncidentPage } from './incident/IncidentPage';
export { MessagePage } from './message/MessagePage';
export { SettingsPage } from './settings/SettingsPage';
