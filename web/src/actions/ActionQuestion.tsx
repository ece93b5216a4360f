/* Asks when there is something to ask; the dialogs are loaded with the first question. */
import { flushAsked, question } from '../state/actions';
import { lazy } from '../ui/lazy';

const ActionDialog = lazy(async () => (await import('./questions')).ActionDialog);
const FlushDialog = lazy(async () => (await import('./questions')).FlushDialog);

export function ActionQuestion() {
  const asked = question.value;
  return asked ? <ActionDialog asked={asked} /> : null;
}

export function FlushQuestion() {
  return flushAsked.value ? <FlushDialog /> : null;
}
