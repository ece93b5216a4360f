/* The line of figures: how many messages are in each queue (each the quickest filter), how fast they come and go, Postfix. */
import type { Incidents, QueueName } from '../api/types';
import { count, shortDecimal, secondsBetween, span } from '../lib/format';
import { term, terms, withField } from '../lib/filter';
import { now } from '../state/clock';
import { incidents } from '../state/incidents';
import { summary } from '../state/live';
import { changeFilter, narrow } from '../state/marks';
import { filter } from '../state/route';
import { scope } from '../state/session';
import { Icon } from '../ui/Icon';
import { useRoving } from '../ui/roving';
import { QUEUE_ICON } from '../ui/State';
import { Age } from '../ui/Time';
import { W } from '../words';

const QUEUES: QueueName[] = ['deferred', 'active', 'hold', 'incoming', 'maildrop'];

const shown = (value: number | null | undefined): string => (value === null || value === undefined ? W.none : count(value));

function Queue({ queue, value }: { queue: QueueName; value: number | null }) {
  const asked = (wanted: string): boolean => terms(filter.value).some((each) => each.replace(/[="]/g, '') === wanted);
  /* What is being deleted is on hold, but nobody holds it: a filter that shows it is not what this figure counts. */
  const chosen = asked(`queue:${queue}`) && (queue !== 'hold' || !summary.value?.deleting || asked('deleting:no'));
  const narrowed = withField(
    withField(filter.value, 'deleting', queue === 'hold' && !chosen ? 'no' : null),
    'queue',
    chosen ? null : queue,
  );
  return (
    <button
      type="button"
      class={`figure ${queue} ${value === 0 ? 'zero' : ''}`}
      aria-pressed={chosen}
      title={W.queue[queue].what}
      onClick={(event) => (event.altKey ? narrow(term('queue', queue), true) : changeFilter(narrowed))}
    >
      <Icon name={QUEUE_ICON[queue]} /> <span class="figure-name">{W.queue[queue].name}</span> <strong>{shown(value)}</strong>
    </button>
  );
}

/** "▲412 in 1 h (usually ±40)": beyond what is usual it stands out. */
function Growth({ of }: { of: Incidents['summary'] }) {
  const { deferred_growth: growth, deferred_usual: usual } = of;
  if (growth === null) return null;
  const much = usual !== null && growth > usual;
  return (
    <span class={`growth ${much ? 'much' : ''}`} title={W.figures.growthTitle}>
      {W.figures.growth(growth)} {usual !== null && <span class="muted">{W.figures.usual(usual)}</span>}
    </span>
  );
}

/** One stop for Tab; the arrows go from queue to queue. */
function Queues({ counts, known }: { counts: Record<QueueName, number> | null; known: Incidents['summary'] | undefined }) {
  const now = summary.value!;
  return (
    <div {...useRoving<HTMLDivElement>()} class="queues" role="toolbar" aria-label={W.tiles}>
      {QUEUES.map((queue) => (
        <>
          <Queue key={queue} queue={queue} value={counts && counts[queue]} />
          {queue === 'deferred' && known && <Growth of={known} />}
        </>
      ))}
      {now.deleting > 0 && (
        <button type="button" class="figure deleting" title={W.queue.deleting.what} onClick={() => changeFilter('deleting:yes')}>
          <Icon name={QUEUE_ICON.deleting} /> {W.queue.deleting.name} <strong>{count(now.deleting)}</strong>
        </button>
      )}
    </div>
  );
}

function Rate({ name, value }: { name: 'received' | 'delivered' | 'returned'; value: number | null | undefined }) {
  return (
    <div title={W.figures.rateTitle}>
      <dt>{W.figures[name]}</dt>
      <dd>{value === null || value === undefined ? W.none : W.figures.perMinute(shortDecimal(value))}</dd>
    </div>
  );
}

function Postfix({ since }: { since: string | null | undefined }) {
  const { running, version } = summary.value!.postfix;
  if (running === false) return <dd class="stopped">{W.figures.stopped}</dd>;
  return (
    <dd title={version ? W.figures.version(version) : undefined}>
      {since ? W.figures.up(span(secondsBetween(since, now.value))) : (version ?? W.none)}
    </dd>
  );
}

export function Figures() {
  const queue = summary.value;
  const known = incidents.value?.summary;
  if (!queue) return <section class="figures waiting" aria-label={W.summary} />;
  const { counts } = queue;
  /* Nothing was ever read: then nothing is known, which is not zero. */
  const read = queue.as_of !== null || queue.messages > 0 || queue.source.state === 'loading';
  const oldest = incidents.value?.calm ? null : queue.oldest_arrival;
  return (
    <section class="figures" aria-label={W.summary}>
      <Queues counts={read ? { ...counts, hold: counts.hold - queue.deleting } : null} known={known} />
      {counts.corrupt !== null && counts.corrupt > 0 && (
        <span class="figure corrupt" title={W.queue.corrupt.what}>
          <Icon name={QUEUE_ICON.corrupt} /> {W.queue.corrupt.name} <strong>{count(counts.corrupt)}</strong>
        </span>
      )}
      {/* They are of the whole host: nobody with a scope is told them. */}
      {scope.value === null && (
        <dl class="rates">
          <Rate name="received" value={known?.received_per_minute} />
          <Rate name="delivered" value={known?.delivered_per_minute} />
          <Rate name="returned" value={known?.returned_per_minute} />
        </dl>
      )}
      <dl class="rates host">
        {oldest && (
          <div class="oldest">
            <dt>{W.figures.oldest}</dt>
            <dd>
              <Age since={oldest} />
            </dd>
          </div>
        )}
        <div>
          <dt>Postfix</dt>
          <Postfix since={known?.postfix_since} />
        </div>
      </dl>
    </section>
  );
}
