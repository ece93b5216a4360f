/* One channel: whether it works, what it is told, and what a test of it gives. */
import type { Alert, AlertChannel, AlertRule } from '../api/types';
import { andList } from '../lib/format';
import { hrefOf } from '../state/route';
import { maySet } from '../state/session';
import { Icon } from '../ui/Icon';
import { Phrase } from '../ui/Phrase';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { Relative, Time } from '../ui/Time';
import { alertsPageWords as A } from '../words/alerts';
import { KINDS } from './kinds';
import { testChannel, testFailed, tests } from './useTest';

const C = A.channels;

/** Where it goes: what may be shown of it. */
const addressOf = ({ url, relay, to, command, arguments: words }: AlertChannel): string =>
  url ?? (relay ? `${relay}, ${to.join(', ')}` : [command, ...words].filter(Boolean).join(' '));

function Health({ channel, last }: { channel: AlertChannel; last: Alert | undefined }) {
  if (!channel.enabled)
    return (
      <span class="alert-state silenced">
        <Icon name="circle-pause" /> {C.off}
      </span>
    );
  if (channel.failing_since !== null)
    return (
      <>
        <span class="alert-state given_up">
          <Icon name="circle-alert" /> {C.fails}
        </span>{' '}
        <span class="muted">
          <Phrase
            text={C.failingSince}
            parts={{ time: <Time at={channel.failing_since} />, ago: <Relative at={channel.failing_since} /> }}
          />
        </span>
      </>
    );
  if (testFailed(channel.id, last))
    return (
      <span class="alert-state given_up">
        <Icon name="circle-alert" /> {C.testFailed}
      </span>
    );
  if (!last) return <span class="muted">{C.neverSent}</span>;
  return (
    <>
      <span class="alert-state sent">
        <Icon name="circle-check" /> {C.works}
      </span>{' '}
      <span class="muted">
        <Phrase text={C.lastSent} parts={{ ago: <Relative at={last.sent_at ?? last.at} /> }} />
      </span>
    </>
  );
}

/** What was really answered: by the other side, or by what is in between. */
function TestResult({ channel }: { channel: AlertChannel }) {
  const test = tests.value.get(channel.id);
  if (!test) return null;
  if (test.busy)
    return (
      <p class="test-result" role="status">
        <Icon name="loader" class="turning" /> {C.testing}
      </p>
    );
  if (test.problem) return <Problem problem={test.problem} />;
  const { ok, status, took_ms: took, text, answer } = test.answer!;
  return (
    <div class={`test-result ${ok ? 'ok' : 'bad'}`} role="status">
      <p>
        <span class={`alert-state ${ok ? 'sent' : 'given_up'}`}>
          <Icon name={ok ? 'circle-check' : 'circle-x'} /> {ok ? C.taken : C.notTaken}
        </span>{' '}
        <span class="muted">{[status !== null && A.sent.status(channel.kind, status), A.sent.took(took)].filter(Boolean).join(', ')}</span>
      </p>
      <p>
        <Text text={text} />
      </p>
      {answer.trim() !== '' ? (
        <pre class="source wrap" tabIndex={0} role="region" aria-label={A.sent.answered}>
          <Text text={answer} />
        </pre>
      ) : (
        <p class="muted small-text">{C.noAnswer}</p>
      )}
    </div>
  );
}

interface Props {
  channel: AlertChannel;
  rules: AlertRule[];
  last: Alert | undefined;
  onEdit: () => void;
  onRemove: () => void;
}

export function ChannelCard({ channel, rules, last, onEdit, onRemove }: Props) {
  const { id, name, kind } = channel;
  const used = rules.filter(({ channels }) => channels.includes(id));
  const admin = maySet.value;
  return (
    <li class="card channel" aria-label={name}>
      <h3>
        <Icon name={KINDS[kind].icon} /> <Text text={name} /> <span class="muted">{A.kinds[kind].name}</span>
      </h3>
      <p>
        <Health channel={channel} last={last} />
      </p>
      <p class="channel-address">
        <code>
          <Text text={addressOf(channel)} />
        </code>
      </p>
      {used.length === 0 ? (
        <p class="unused">
          <Icon name="triangle-alert" /> {C.unused}
        </p>
      ) : (
        <p class="muted small-text">
          <Text text={C.usedBy(andList(used.map((rule) => rule.name)))} />
        </p>
      )}
      <div class="actions">
        {admin && (
          <>
            <button
              type="button"
              class="button small"
              aria-label={A.of(C.test, name)}
              disabled={tests.value.get(id)?.busy}
              onClick={() => void testChannel(id)}
            >
              <Icon name="send" /> {C.test}
            </button>
            <button type="button" class="button small" aria-label={A.of(A.edit, name)} onClick={onEdit}>
              <Icon name="pencil" /> {A.edit}
            </button>
            <button type="button" class="button small" aria-label={A.of(A.remove, name)} onClick={onRemove}>
              <Icon name="trash-2" /> {A.remove}
            </button>
          </>
        )}
        <a class="button small quiet" href={hrefOf({ page: 'alerts', channel: id })}>
          <Icon name="history" /> {C.openSent}
        </a>
      </div>
      <TestResult channel={channel} />
    </li>
  );
}
