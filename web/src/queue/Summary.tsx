/* How many messages are in each queue: the first thing to see, and the quickest filter. */
import type { QueueName, QueueSummary } from '../api/types';
import { count, size } from '../lib/format';
import { term, terms, withField } from '../lib/filter';
import { summary } from '../state/live';
import { changeFilter, narrow } from '../state/marks';
import { filter } from '../state/route';
import { Icon } from '../ui/Icon';
import { useRoving } from '../ui/roving';
import { QUEUE_ICON } from '../ui/State';
import { Age } from '../ui/Time';
import { W } from '../words';

const QUEUES: QueueName[] = ['active', 'deferred', 'hold', 'incoming', 'maildrop'];

function QueueTile({ queue, value }: { queue: QueueName; value: number | null }) {
  const asked = (wanted: string): boolean => terms(filter.value).some((term) => term.replace(/[="]/g, '') === wanted);
  /* What is being deleted is on hold, but nobody holds it: a filter that shows it is not what this tile counts. */
  const chosen = asked(`queue:${queue}`) && (queue !== 'hold' || !summary.value?.deleting || asked('deleting:no'));
  const narrowed = withField(
    withField(filter.value, 'deleting', queue === 'hold' && !chosen ? 'no' : null),
    'queue',
    chosen ? null : queue,
  );
  return (
    <button
      type="button"
      class={`tile ${queue} ${value === 0 ? 'zero' : ''}`}
      aria-pressed={chosen}
      title={W.queue[queue].what}
      onClick={(event) => (event.altKey ? narrow(term('queue', queue), true) : changeFilter(narrowed))}
    >
      <span class="tile-name">
        <Icon name={QUEUE_ICON[queue]} /> {W.queue[queue].name}
      </span>
      <span class="tile-value">{value === null ? W.none : count(value)}</span>
    </button>
  );
}

/** One stop for Tab; the arrows go from queue to queue. */
function Tiles({ counts }: { counts: QueueSummary['counts'] | null }) {
  return (
    <div {...useRoving<HTMLDivElement>()} class="tiles" role="toolbar" aria-label={W.tiles}>
      {QUEUES.map((queue) => (
        <QueueTile key={queue} queue={queue} value={counts && counts[queue]} />
      ))}
    </div>
  );
}

export function Summary() {
  const now = summary.value;
  if (!now) return <section class="summary waiting" aria-label={W.summary} />;
  const { counts } = now;
  /* Nothing was ever read: then nothing is known, which is not zero. */
  const known = now.as_of !== null || now.messages > 0 || now.source.state === 'loading';
  return (
    <section class="summary" aria-label={W.summary}>
      <div class="tile total">
        <span class="tile-name">{W.total}</span>
        <span class="tile-value">{known ? count(now.messages) : W.none}</span>
      </div>
      <Tiles counts={known ? { ...counts, hold: counts.hold - now.deleting } : null} />
      {now.deleting > 0 && (
        <button type="button" class="tile deleting" title={W.queue.deleting.what} onClick={() => changeFilter('deleting:yes')}>
          <span class="tile-name">
            <Icon name={QUEUE_ICON.deleting} /> {W.queue.deleting.name}
          </span>
          <span class="tile-value">{count(now.deleting)}</span>
        </button>
      )}
      {counts.corrupt !== null && counts.corrupt > 0 && (
        <div class="tile corrupt" title={W.queue.corrupt.what}>
          <span class="tile-name">
            <Icon name={QUEUE_ICON.corrupt} /> {W.queue.corrupt.name}
          </span>
          <span class="tile-value">{count(counts.corrupt)}</span>
        </div>
      )}
      <dl class="summary-facts">
        <div>
          <dt>{W.size}</dt>
          <dd>{known ? size(now.bytes) : W.none}</dd>
        </div>
        <div>
          <dt>{W.oldest}</dt>
          <dd>{now.oldest_arrival ? <Age since={now.oldest_arrival} /> : W.none}</dd>
        </div>
        <div>
          <dt>Postfix</dt>
          <dd>{now.postfix.running === false ? W.stopped : (now.postfix.version ?? W.none)}</dd>
        </div>
      </dl>
    </section>
  );
}
