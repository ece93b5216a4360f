/* When Postfix tries again, what comes after that, and how far the message is in its lifetime. */
import type { MessageDetail } from '../api/types';
import { exact, secondsBetween, span, when } from '../lib/format';
import { now } from '../state/clock';
import { summary } from '../state/live';
import { href } from '../state/route';
import { Icon } from '../ui/Icon';
import { Relative, Time } from '../ui/Time';
import { W } from '../words';

function NextAttempt({ message }: { message: MessageDetail }) {
  const { next_earliest: earliest, next_latest: latest, due, beyond_backoff: beyond } = message.schedule;
  if (message.deleting) {
    const { job, until } = message.deleting;
    return (
      <p>
        {W.deleting.by} <a href={href({ jobs: String(job) })}>{W.jobs.number(job)}</a>:{' '}
        {until ? W.deleting.removed(span(Math.max(0, secondsBetween(now.value, until)))) : W.deleting.soon}.
      </p>
    );
  }
  if (message.queue === 'hold') return <p>{W.detail.heldNever}</p>;
  if (summary.value?.postfix.running === false) return <p>{W.detail.stopped}</p>;
  if (message.queue === 'active') return <p>{W.detail.activeNow}</p>;
  if (!earliest) return <p class="muted">{message.queue === 'deferred' ? W.detail.nextUnknown : W.detail.nextSoon}</p>;
  if (due)
    return (
      <p>
        <strong>{W.due}</strong> {W.detail.dueWhy}
      </p>
    );
  return (
    <p>
      <strong>
        <Relative at={earliest} />
      </strong>{' '}
      <span class="muted">
        {latest ? (
          <>
            {W.detail.between} <Time at={earliest} /> {W.detail.and} <Time at={latest} />
          </>
        ) : (
          <Time at={earliest} />
        )}
      </span>
      {beyond && <> {W.detail.beyondBackoff}</>}
    </p>
  );
}

/** The longest wait that a reply to one of the recipients asks for. */
function AskedDelay({ message }: { message: MessageDetail }) {
  const asked = message.recipients.reduce((most, recipient) => Math.max(most, recipient.asked_delay_seconds ?? 0), 0);
  return asked > 0 ? <p>{W.detail.askedDelay(span(asked))}</p> : null;
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
      <meter min={0} max={lifetime} value={Math.min(age, lifetime)} high={lifetime * 0.8} aria-label={W.detail.lifetime} />
      <p class="muted" title={exact(expires)}>
        {age < lifetime ? W.detail.ofLifetime(span(age), span(lifetime)) : W.detail.beyondLifetime(span(lifetime))}
        {message.queue === 'hold' && <> {W.detail.heldNoExpiry}</>}
      </p>
    </div>
  );
}

export function ScheduleCard({ message }: { message: MessageDetail }) {
  const { then, minimal_backoff: least, maximal_backoff: most, queue_run_delay: run } = message.schedule;
  return (
    <section class="card schedule-card">
      <h3>
        <Icon name="clock" /> {W.detail.nextRetry}
      </h3>
      <NextAttempt message={message} />
      <AskedDelay message={message} />
      {then.length > 0 && summary.value?.postfix.running !== false && (
        <p class="muted small-text">
          {W.detail.thenAbout}{' '}
          {then.slice(0, 5).map((at, index) => (
            <span key={at} title={exact(at)}>
              {index > 0 && ', '}
              {when(at, now.value)}
            </span>
          ))}
          {then.length > 5 && ` ${W.detail.andOn}`}
        </p>
      )}
      <Lifetime message={message} />
      {least !== null && most !== null && run !== null && (
        <p class="muted small-text">{W.detail.rule(span(least), span(most), span(run))}</p>
      )}
    </section>
  );
}
