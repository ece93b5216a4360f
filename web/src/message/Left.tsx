/* The page of a message that is not in the queue: what the log knows of it, all its lives and what became of each recipient. */
import type { TracedMessage } from '../api/types';
import { size } from '../lib/format';
import { term } from '../lib/filter';
import { plain } from '../lib/text';
import { hrefOf, levelUp, queueBelow } from '../state/route';
import { Results } from '../trace/Results';
import { useTrace } from '../trace/useTrace';
import { Icon } from '../ui/Icon';
import { Phrase } from '../ui/Phrase';
import { CopyButton, Problem } from '../ui/Problem';
import { Sender, senderText, Text } from '../ui/Text';
import { Time } from '../ui/Time';
import { Value } from '../ui/Value';
import { W } from '../words';
import { messagePageWords as M } from '../words/messagePage';
import { traceWords as T } from '../words/trace';

function Fact({ name, value, filter }: { name: string; value: string | null; filter?: string }) {
  if (value === null) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {filter ? (
          <Value term={filter} label={value === '' ? senderText('') : plain(value)}>
            <Sender address={value} />
          </Value>
        ) : (
          <Text text={value} />
        )}
      </dd>
    </div>
  );
}

/** Its queue IDs, the oldest first; what is still queued under another one is a click away. */
function Lives({ message, id }: { message: TracedMessage; id: string }) {
  if (message.ids.length < 2 && !message.in_queue) return null;
  return (
    <div>
      <dt>{T.lives}</dt>
      <dd>
        {message.ids.map((each, index) => (
          <span key={each}>
            {index > 0 && ' → '}
            {each === id ? (
              <code>{each}</code>
            ) : (
              <a class="id" href={hrefOf({ page: 'message', id: each })}>
                {each}
              </a>
            )}
          </span>
        ))}
        {message.in_queue && ` ${T.stillQueued}`}
      </dd>
    </div>
  );
}

function History({ message, id }: { message: TracedMessage; id: string }) {
  return (
    <section class="card traced-history" aria-label={T.title}>
      <dl class="facts">
        <Fact
          name={W.columns.sender}
          value={message.sender}
          filter={message.sender === null ? undefined : term('from', message.sender, true)}
        />
        {message.arrival && (
          <div>
            <dt>{W.columns.arrival}</dt>
            <dd>
              <Time at={message.arrival} />
            </dd>
          </div>
        )}
        <Lives message={message} id={id} />
        <Fact name={M.detail.login} value={message.login} filter={message.login === null ? undefined : term('login', message.login)} />
        <Fact name={M.detail.client} value={message.client} />
        <Fact name={T.messageId} value={message.message_id} />
        {message.size !== null && <Fact name={W.columns.size} value={size(message.size)} />}
      </dl>
      <Results message={message} />
    </section>
  );
}

/** For somebody who had the page open when the message left. */
export function TracedSince({ id }: { id: string }) {
  const [message] = useTrace(id).messages.value;
  return message ? <History message={message} id={id} /> : null;
}

export function Left({ id }: { id: string }) {
  const { messages, answer, problem, loading, again } = useTrace(id);
  const [message] = messages.value;
  const log = answer.value?.log;
  return (
    <article class="message-page">
      <header class="page-head">
        <button type="button" class="button small quiet" onClick={levelUp}>
          <Icon name="arrow-left" /> {W.back}
        </button>
        <h1>{M.detail.notHere(id)}</h1>
        <p class="page-sub">
          {message ? T.leftSays : loading.value ? W.loading : M.detail.leftWhy} <CopyButton text={location.href} label={W.copyLink} />
        </p>
      </header>
      {message && <History message={message} id={id} />}
      {problem.value && <Problem problem={problem.value} onRetry={again} />}
      {log && (
        <p class="muted">
          {log.text && <Text text={log.text} />} {log.from && <Phrase text={M.detail.logFrom} parts={{ time: <Time at={log.from} /> }} />}{' '}
          {!message && (
            <button type="button" class="button small" onClick={again}>
              <Icon name="refresh-cw" /> {W.tryAgain}
            </button>
          )}
        </p>
      )}
      <p>
        <a class="button" href={queueBelow()}>
          {W.backToQueue}
        </a>
      </p>
    </article>
  );
}
