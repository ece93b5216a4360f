/* The actions on one message; those that its state does not allow are left out. */
import type { Action, MessageDetail, QueueName } from '../api/types';
import { actionProblem, askForOne } from '../state/actions';
import { askPause, subjectsOf } from '../state/pauses';
import { mayAct, mayPause } from '../state/session';
import { jobs, undoJob } from '../state/jobs';
import { Icon } from '../ui/Icon';
import { stateOf } from '../ui/State';
import { W } from '../words';
import { ACTION_ICON } from './icons';

const POSSIBLE: Record<QueueName | 'deleting', Action[]> = {
  deferred: ['retry', 'hold', 'requeue', 'bounce', 'delete'],
  incoming: ['retry', 'hold', 'requeue', 'bounce', 'delete'],
  active: ['hold', 'requeue', 'bounce', 'delete'],
  hold: ['release', 'requeue', 'bounce', 'delete'],
  maildrop: ['delete'],
  deleting: [],
};

/** Takes back the delete that has a message on hold: all of it, and it says how many that is. */
function UndoDelete({ job }: { job: number }) {
  const undo = async () => {
    const problem = await undoJob({ id: job });
    actionProblem.value = problem && { action: 'delete', problem };
  };
  return (
    <button type="button" class="button small" onClick={() => void undo()}>
      <Icon name="undo-2" /> {W.deleting.undoOf(jobs.value.get(job)?.total)}
    </button>
  );
}

export function MessageActions({ message }: { message: MessageDetail }) {
  const { id } = message;
  const possible = POSSIBLE[stateOf(message)];
  if (!mayAct.value)
    return (
      <p class="muted">
        <Icon name="lock" /> {W.mayNotAct}
      </p>
    );
  return (
    <div class="actions" role="toolbar" aria-label={W.actionsOn(id)}>
      {message.deleting && <UndoDelete job={message.deleting.job} />}
      {possible.map((action) => (
        <button
          key={action}
          type="button"
          class={`button small ${action === 'delete' || action === 'bounce' ? 'danger' : ''}`}
          title={`${W.actions[action].what} ${W.actions[action].command}`}
          onClick={() => askForOne(action, id)}
        >
          <Icon name={ACTION_ICON[action]} /> {W.actions[action].name}
        </button>
      ))}
      {mayPause.value && (
        <button type="button" class="button small" title={W.holdBackTitle} onClick={() => askPause(subjectsOf(message))}>
          <Icon name="circle-pause" /> {W.holdBack}
        </button>
      )}
    </div>
  );
}
