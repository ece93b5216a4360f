/* Below a table that finds little: what the log knows of the address or ID in the filter, as rows. */
import type { TracedMessage } from '../api/types';
import { terms } from '../lib/filter';
import { plain } from '../lib/text';
import { hrefOf } from '../state/route';
import { view } from '../state/view';
import { Address } from '../ui/Address';
import { Icon } from '../ui/Icon';
import { Phrase } from '../ui/Phrase';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { Time } from '../ui/Time';
import { traceWords as T } from '../words/trace';
import { Outcome } from './Results';
import { useTrace } from './useTrace';

const FEW = 3; /* recipients in a row; the message's page has all */

function TracedRow({ message }: { message: TracedMessage }) {
  const shown = message.recipients.slice(0, FEW);
  const more = message.recipients.length - shown.length;
  return (
    <li class="traced">
      {shown.map((recipient, index) => (
        <p class="traced-line" key={index}>
          <span class="traced-who">
            {index === 0 && (
              <span class="from">
                {message.sender === null ? <span class="muted">{T.noSender}</span> : <Address address={message.sender} />}
              </span>
            )}
            <span class="to">
              <span class="arrow" aria-hidden="true">
                →
              </span>
              <Address address={recipient.address} />
            </span>
          </span>
          <span class="traced-what" title={plain(recipient.reply ?? '')}>
            <Outcome recipient={recipient} />
          </span>
          {index === 0 && (
            <a class="id" href={hrefOf({ page: 'message', id: message.id })} title={message.in_queue ? T.inQueue : undefined}>
              {message.id}
            </a>
          )}
        </p>
      ))}
      {more > 0 && <p class="muted">{T.moreRecipients(more, message.recipients_cut)}</p>}
    </li>
  );
}

export function LogAnswer({ text }: { text: string }) {
  const { messages, answer, problem, loading, more } = useTrace(text);
  const log = answer.value?.log;
  const found = messages.value.length;
  return (
    <section class="log-answer card" aria-label={T.title}>
      <p role="status">
        <Icon name="history" />{' '}
        {view.value?.matched === 0 && <strong>{terms(view.value.filter).length === 1 ? T.notInQueue : T.noneMatches}</strong>}{' '}
        <Phrase
          text={!log || (found === 0 && answer.value?.next) ? '{about}' : found === 0 ? T.notInLog : log.from ? T.inLogSince : T.inLog}
          parts={{
            time: log?.from && <Time at={log.from} />,
            found: T.found(found, answer.value?.next != null),
            about: (
              <span class="muted">
                <Phrase
                  text={log?.from && found === 0 && !answer.value?.next ? T.aboutSince : T.about}
                  parts={{ text: <Text text={text} />, time: log?.from && <Time at={log.from} /> }}
                />
              </span>
            ),
          }}
        />
        {loading.value && <Icon name="loader" class="turning" />}
      </p>
      {log && (log.text || !log.read) && (
        <p class="muted">
          <Icon name="info" /> {log.text ? <Text text={log.text} /> : T.notAll}
        </p>
      )}
      {problem.value && <Problem problem={problem.value} />}
      {found > 0 && (
        <ol class="traced-list">
          {messages.value.map((message) => (
            <TracedRow key={message.id} message={message} />
          ))}
        </ol>
      )}
      {answer.value?.next && (
        <button type="button" class="button small" disabled={loading.value} onClick={more}>
          {T.older}
        </button>
      )}
    </section>
  );
}
