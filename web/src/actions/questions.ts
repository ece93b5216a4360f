/* The dialogs that ask before something is done, in one piece: who has seen one waits for no other. */
export { ActionDialog } from './ActionDialog';
export { FlushDialog } from './FlushDialog';
