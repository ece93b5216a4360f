/* What is marked, said aloud, and what can be done with it. On narrow screens it stands at the bottom. */
import type { Action } from '../api/types';
import { ACTION_ICON } from '../actions/icons';
import { NextStep } from '../actions/NextStep';
import { actionProblem, askForMarked, justDone } from '../state/actions';
import { count } from '../lib/format';
import { marked, markAllMatching, markedGone, selection, unmarkAll } from '../state/marks';
import { mayAct } from '../state/session';
import { countOf } from '../state/selection';
import { view } from '../state/view';
import { Icon } from '../ui/Icon';
import { Menu } from '../ui/Menu';
import { Problem } from '../ui/Problem';
import { W } from '../words';
import { useNarrow } from './useNarrow';

const ACTIONS: Action[] = ['retry', 'hold', 'release', 'requeue', 'bounce', 'delete'];
/* On a phone there is room for three; the others are behind a button. */
const FIRST: Action[] = ['retry', 'hold', 'delete'];

function ActionButton({ action }: { action: Action }) {
  return (
    <button
      type="button"
      class={`button small ${action === 'delete' || action === 'bounce' ? 'danger' : ''}`}
      title={`${W.actions[action].what} ${W.actions[action].command}`}
      onClick={() => askForMarked(action)}
    >
      <Icon name={ACTION_ICON[action]} /> <span class="word">{W.actions[action].name}</span>
    </button>
  );
}

function Actions() {
  const narrow = useNarrow().value;
  return (
    <div class="actions" role="toolbar" aria-label={W.actionsOnMarked}>
      {(narrow ? FIRST : ACTIONS).map((action) => (
        <ActionButton key={action} action={action} />
      ))}
      {narrow && (
        <Menu name={W.moreMenu} class="button small" label={<Icon name="ellipsis" />}>
          {ACTIONS.filter((action) => !FIRST.includes(action)).map((action) => (
            <button key={action} type="button" onClick={() => askForMarked(action)}>
              <Icon name={ACTION_ICON[action]} /> {W.actions[action].name}
            </button>
          ))}
        </Menu>
      )}
    </div>
  );
}

function Said() {
  const now = selection.value;
  const matched = view.value?.matched ?? 0;
  const done = justDone.value;
  return (
    <p class="said" role="status">
      <strong>{now.mode === 'all' ? W.allMarked(countOf(now)) : W.marked(countOf(now))}</strong>
      {markedGone.value > 0 && <span class="muted"> {W.markedGone(markedGone.value)}</span>}
      {done && <NextStep after={done.action} count={done.count} onStep={askForMarked} />}
      {!done && now.mode === 'ids' && matched > now.ids.size && (
        <button type="button" class="link" onClick={markAllMatching}>
          {W.markAll(count(matched))}
        </button>
      )}
      <button type="button" class="link" onClick={unmarkAll}>
        {W.unmark}
      </button>
    </p>
  );
}

/** Why the last action was refused; it lies over the table, which stays where it is. */
export function ActionProblem() {
  const wrong = actionProblem.value;
  if (!wrong) return null;
  return (
    <div class="table-problem">
      <Problem
        problem={wrong.problem}
        onClose={() => {
          actionProblem.value = null;
        }}
      />
    </div>
  );
}

export function SelectionBar() {
  if (marked.value === 0) return null;
  return (
    <section class="selection-bar" aria-label={W.selection}>
      <Said />
      {mayAct.value ? (
        <Actions />
      ) : (
        <p class="muted">
          <Icon name="lock" /> {W.mayNotAct}
        </p>
      )}
    </section>
  );
}
