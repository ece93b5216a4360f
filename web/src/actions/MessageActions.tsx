/* The actions on one message; those that its queue does not allow are left out. */
import type { Action, QueueName } from '../api/types';
import { askForOne } from '../state/actions';
import { mayAct } from '../state/session';
import { Icon } from '../ui/Icon';
import { W } from '../words';
import { ACTION_ICON } from './icons';

const POSSIBLE: Record<QueueName, Action[]> = {
  deferred: ['retry', 'hold', 'requeue', 'bounce', 'delete'],
  incoming: ['retry', 'hold', 'requeue', 'bounce', 'delete'],
  active: ['hold', 'requeue', 'bounce', 'delete'],
  hold: ['release', 'requeue', 'bounce', 'delete'],
  maildrop: ['delete'],
};

export function MessageActions({ id, queue }: { id: string; queue: QueueName }) {
  if (!mayAct.value) return <p class="muted"><Icon name="lock" /> {W.mayNotAct}</p>;
  return (
    <div class="actions" role="toolbar" aria-label={W.actionsOn(id)}>
      {POSSIBLE[queue].map((action) => (
        <button key={action} type="button" class={`button small ${action === 'delete' || action === 'bounce' ? 'danger' : ''}`} title={`${W.actions[action].what} ${W.actions[action].command}`} onClick={() => askForOne(action, id)}>
          <Icon name={ACTION_ICON[action]} /> {W.actions[action].name}
        </button>
      ))}
    </div>
  );
}
