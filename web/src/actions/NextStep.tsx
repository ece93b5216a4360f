/* After an action the next step for the same messages, where one just was: "Delete these 436 …". */
import type { Action } from '../api/types';
import { NEXT_STEP } from '../state/actions';
import { Icon } from '../ui/Icon';
import { W } from '../words';
import { ACTION_ICON } from './icons';

interface Props {
  /** What was done. */
  after: Action;
  /** To how many messages. */
  count: number;
  onStep: (action: Action) => void;
}

export function NextStep({ after, count, onStep }: Props) {
  const next = NEXT_STEP[after];
  const name = next && W.these[next];
  if (!next || !name) return null;
  return (
    <button
      type="button"
      class={`button small next-step ${next === 'delete' ? 'danger' : ''}`}
      title={`${W.actions[next].what} ${W.actions[next].command}`}
      onClick={() => onStep(next)}
    >
      <Icon name={ACTION_ICON[next]} /> {name(count)}
    </button>
  );
}
