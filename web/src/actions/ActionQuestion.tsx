/* Asks when there is something to ask; the dialog is loaded with the first question. */
import { question } from '../state/actions';
import { lazy } from '../ui/lazy';

const ActionDialog = lazy(() => import('./ActionDialog').then((module) => module.ActionDialog));

export function ActionQuestion() {
  const asked = question.value;
  return asked ? <ActionDialog asked={asked} /> : null;
}
