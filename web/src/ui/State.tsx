/* The state of a message: icon, word and colour together. */
import type { Message, QueueName } from '../api/types';
import { W } from '../words';
import { Icon } from './Icon';

export const QUEUE_ICON: Record<QueueName | 'deleting' | 'corrupt' | 'gone', string> = {
  incoming: 'arrow-right',
  active: 'send',
  deferred: 'hourglass',
  hold: 'circle-pause',
  maildrop: 'inbox',
  deleting: 'trash-2',
  corrupt: 'file',
  gone: 'check',
};

/** What a message is doing: it is in its queue, or a delete has it on hold to remove it. */
export const stateOf = ({ queue, deleting }: Pick<Message, 'queue' | 'deleting'>): QueueName | 'deleting' =>
  deleting ? 'deleting' : queue;

export function State({ message }: { message: Pick<Message, 'queue' | 'deleting' | 'forced_expire' | 'damaged'> }) {
  const state = stateOf(message);
  const { forced_expire: forced, damaged } = message;
  return (
    <span class={`state ${state}`} title={W.queue[state].what}>
      <Icon name={QUEUE_ICON[state]} /> {W.queue[state].state}
      {forced && (
        <span class="state-more" title={W.forcedTitle}>
          {' '}
          <Icon name="corner-up-left" />
          {W.forced}
        </span>
      )}
      {damaged && (
        <span class="state-more" title={W.damagedTitle}>
          {' '}
          <Icon name={QUEUE_ICON.corrupt} />
          {W.damaged}
        </span>
      )}
    </span>
  );
}
