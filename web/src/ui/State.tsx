/* The state of a message: icon, word and colour together. */
import type { QueueName } from '../api/types';
import { W } from '../words';
import { Icon } from './Icon';

export const QUEUE_ICON: Record<QueueName | 'corrupt' | 'gone', string> = {
  incoming: 'arrow-right', active: 'send', deferred: 'hourglass', hold: 'circle-pause', maildrop: 'inbox', corrupt: 'file', gone: 'check',
};

export function State({ queue, forced }: { queue: QueueName; forced?: boolean | null }) {
  return (
    <span class={`state ${queue}`} title={W.queue[queue].what}>
      <Icon name={QUEUE_ICON[queue]} /> {W.queue[queue].state}
      {forced && <span class="state-more" title={W.forcedTitle}> <Icon name="corner-up-left" />{W.forced}</span>}
    </span>
  );
}
