/* When Postfix tries again, what comes after that, and how far the message is in its lifetime. */
import type { MessageDetail, MessagePause } from '../api/types';
import { exact, secondsBetween, span, when } from '../lib/format';
import { plain } from '../lib/text';
import { now } from '../state/clock';
import { summary } from '../state/live';
import { href } from '../state/route';
import { Icon } from '../ui/Icon';
import { Phrase } from '../ui/Phrase';
import { Text } from '../ui/Text';
import { Relative, Time } from '../ui/Time';
import { W } from '../words';
import { jobDrawerWords as J } from '../words/jobDrawer';
import { messagePageWords as M } from '../words/messagePage';

function NextAttempt({ message }: { message: MessageDetail }) {
  const { next_earliest: earliest, next_latest: latest, due, beyond_backoff: beyond } = message.schedule;
  if (message.deleting) {
    const { job, until } = message.deleting;
    return (
      <p>
        <Phrase
          text={until ? W.deleting.byUntil(span(Math.max(0, secondsBetween(now.value, until)))) : W.deleting.bySoon}
          parts={{ job: <a href={href({ jobs: String(job) })}>{J.jobs.number(job)}</a> }}
        />
      </p>
    );
  }
  if (message.queue === 'hold') return <p>{M.detail.heldNever}</p>;
  if (summary.value?.postfix.running === false) return <p>{M.detail.stopped}</p>;
  if (message.queue === 'active') return <p>{M.detail.activeNow}</p>;
  if (!earliest) return <p class="muted">{message.queue === 'deferred' ? M.detail.nextUnknown : M.detail.nextSoon}</p>;
  if (due)
    return (
      <p>
        <strong>{W.due}</strong> {M.detail.dueWhy}
      </p>
    );
  return (
    <p>
      <strong>
        <Relative at={earliest} />
      </strong>{' '}
      <span class="muted">
        {latest ? (
          <Phrase text={M.detail.between} parts={{ from: <Time at={earliest} />, to: <Time at={latest} /> }} />
        ) : (
          <Time at={earliest} />
        )}
      </span>
      {beyond && <> {M.detail.beyondBackoff}</>}
    </p>
  );
}

/** The longest wait that a reply to one of the recipients asks for. */
function AskedDelay({ message }: { message: MessageDetail }) {
  const asked = message.recipients.reduce((most, recipient) => Math.max(most, recipient.asked_delay_seconds ?? 0), 0);
  return asked > 0 ? <p>{M.detail.askedDelay(span(asked))}</p> : null;
}

function Lifetime({ message }: { message: MessageDetail }) {
  const { created, lifetime, expires } = message.schedule;
  if (message.forced_expire)
    return (
      <p>
        <Icon name="corner-up-left" /> {W.forcedTitle}
      </p>
    );
  if (!lifetime || !expires) return null;
  const base = created ?? message.arrival;
  const age = Math.max(0, secondsBetween(base, now.value));
  return (
    <div class="lifetime">
      <meter min={0} max={lifetime} value={Math.min(age, lifetime)} high={lifetime * 0.8} aria-label={M.detail.lifetime} />
      <p class="muted" title={exact(expires)}>
        {age < lifetime ? M.detail.ofLifetime(span(age), span(lifetime)) : M.detail.beyondLifetime(span(lifetime))}
        {message.queue === 'hold' && <> {M.detail.heldNoExpiry}</>}
      </p>
    </div>
  );
}

/** "Paused with its domain big.example, by anna until 16:40: they limit us". */
function PausedBy({ pause, held }: { pause: MessagePause; held: boolean }) {
  return (
    <p class="paused-by">
      <Icon name="circle-pause" />{' '}
      <Phrase
        text={M.pausedBy}
        parts={{
          what: <strong>{(held ? M.heldByPause : M.pausedWith)[pause.kind](plain(pause.key))}</strong>,
          who: <Text text={pause.by} />,
          time: <Time at={pause.until} />,
          reason: <Text text={pause.reason} />,
        }}
      />
      {pause.throttle > 0 && <span class="muted"> ({M.pausedSlow(pause.throttle)})</span>}
    </p>
  );
}

/* Nobody of those who wait is tried. */
const isHeldBack = ({ paused, queue, recipients }: MessageDetail): boolean =>
  paused !== null && paused.throttle === 0 && queue === 'deferred' && recipients.every((recipient) => recipient.paused !== null);

export function ScheduleCard({ message }: { message: MessageDetail }) {
  const { then, minimal_backoff: least, maximal_backoff: most, queue_run_delay: run } = message.schedule;
  return (
    <section class="card schedule-card">
      <h3>
        <Icon name="clock" /> {M.detail.nextRetry}
      </h3>
      {message.paused && <PausedBy pause={message.paused} held={message.queue === 'hold'} />}
      {isHeldBack(message) ? <p>{M.notTried}</p> : <NextAttempt message={message} />}
      <AskedDelay message={message} />
      {then.length > 0 && !isHeldBack(message) && summary.value?.postfix.running !== false && (
        <p class="muted small-text">
          <Phrase
            text={then.length > 5 ? M.detail.thenAndOn : M.detail.then}
            parts={{
              times: then.slice(0, 5).map((at, index) => (
                <span key={at} title={exact(at)}>
                  {index > 0 && ', '}
                  {when(at, now.value)}
                </span>
              )),
            }}
          />
        </p>
      )}
      <Lifetime message={message} />
      {least !== null && most !== null && run !== null && (
        <p class="muted small-text">{M.detail.rule(span(least), span(most), span(run))}</p>
      )}
    </section>
  );
}
