/* Every attempt from the mail log as a timeline, newest first, with the other events in the message's life. */
import { useSignal } from '@preact/signals';
import type { Attempt, LogEvent, MessageDetail } from '../api/types';
import { count } from '../lib/format';
import { Icon } from '../ui/Icon';
import { Phrase } from '../ui/Phrase';
import { Text } from '../ui/Text';
import { Time } from '../ui/Time';
import { messagePageWords as M } from '../words/messagePage';

const STEP = 30;
const ICON: Record<string, string> = { sent: 'circle-check', deferred: 'hourglass', bounced: 'circle-x', expired: 'corner-up-left' };

type Entry = { at: string; attempt: Attempt } | { at: string; event: LogEvent };

function timeline(message: MessageDetail): Entry[] {
  const entries: Entry[] = [
    ...message.attempts.map((attempt) => ({ at: attempt.at, attempt })),
    ...message.events.map((event) => ({ at: event.at, event })),
  ];
  return entries.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
}

function AttemptEntry({ attempt, own }: { attempt: Attempt; own: string }) {
  return (
    <>
      <p>
        <span class={`status ${attempt.status}`}>
          <Icon name={ICON[attempt.status] ?? 'circle-dot'} /> {M.detail.status[attempt.status] ?? attempt.status}
        </span>{' '}
        <Text text={attempt.recipient} />{' '}
        {attempt.relay ? (
          <span class="muted">
            <Phrase text={M.detail.at} parts={{ host: <Text text={attempt.relay} /> }} />
          </span>
        ) : (
          <span class="muted">{M.detail.noContact}</span>
        )}
        {attempt.queue_id !== own && (
          <span class="muted">
            {' '}
            <Phrase text={M.detail.as} parts={{ id: <code>{attempt.queue_id}</code> }} />
          </span>
        )}
      </p>
      <p class="small-text">
        <Text text={attempt.text} />
      </p>
      {attempt.delays && (
        <p class="muted small-text">
          {M.detail.took(attempt.delays.connect, attempt.delays.transmit)}
          {attempt.tls && (
            <>
              , TLS <Text text={attempt.tls} />
            </>
          )}
        </p>
      )}
    </>
  );
}

function EventEntry({ event, own }: { event: LogEvent; own: string }) {
  return (
    <p class="small-text">
      <span class="muted">{M.detail.event[event.kind] ?? event.kind}</span> <Text text={event.text} />
      {event.queue_id !== own && (
        <span class="muted">
          {' '}
          <Phrase text={M.detail.as} parts={{ id: <code>{event.queue_id}</code> }} />
        </span>
      )}
    </p>
  );
}

export function Attempts({ message }: { message: MessageDetail }) {
  const shown = useSignal(STEP);
  const entries = timeline(message);
  return (
    <section class="attempts">
      <h3>{M.detail.attempts(message.attempts.length)}</h3>
      {message.log.problem && (
        <p class="muted">
          <Icon name="info" /> <Text text={message.log.problem} />
        </p>
      )}
      {entries.length === 0 && message.log.available && <p class="muted">{M.detail.noAttempts}</p>}
      {entries.length > 0 && (
        <ol class="timeline">
          {entries.slice(0, shown.value).map((entry, index) => (
            <li key={index} class={'attempt' in entry ? `attempt ${entry.attempt.status}` : 'event'}>
              <span class="timeline-time">
                <Time at={entry.at} />
              </span>
              <div>
                {'attempt' in entry ? (
                  <AttemptEntry attempt={entry.attempt} own={message.id} />
                ) : (
                  <EventEntry event={entry.event} own={message.id} />
                )}
              </div>
            </li>
          ))}
        </ol>
      )}
      {entries.length > shown.value && (
        <button
          type="button"
          class="button small"
          onClick={() => {
            shown.value += STEP * 5;
          }}
        >
          {M.detail.showMore(count(entries.length - shown.value))}
        </button>
      )}
      {message.log.from && (
        <p class="muted small-text">
          <Phrase text={M.detail.logFrom} parts={{ time: <Time at={message.log.from} /> }} />
        </p>
      )}
    </section>
  );
}
