/* The dialog and the list are loaded when there is something to ask or to show. */
import { openPauses, pauseAsked, pauses } from '../state/pauses';
import { lazy } from '../ui/lazy';
import { others } from '../ui/others';

const PauseDialog = lazy(async () => (await others()).PauseDialog);
const PauseList = lazy(async () => (await others()).PauseList);

export function PauseQuestion() {
  const asked = pauseAsked.value;
  return asked ? <PauseDialog offered={asked} /> : null;
}

export function HeldBack() {
  const foreign = pauses.value?.foreign?.length ?? 0;
  return openPauses.value.length + foreign > 0 ? <PauseList /> : null;
}
