/* What was sent, to whom, and how it went. */
import type { Alert, AlertChannel, AlertRule, AlertState as State } from '../api/types';
import { SEVERITY_ICON } from '../first/IncidentRow';
import { go, hrefOf, route } from '../state/route';
import { Icon } from '../ui/Icon';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { Time } from '../ui/Time';
import { W } from '../words';
import { alertsPageWords as A } from '../words/alerts';
import { AlertState } from './AlertState';
import { useSent } from './useSent';

/** What the IDs in an alert stand for. */
interface Around {
  channels: AlertChannel[];
  rules: AlertRule[];
}

const STATES = Object.keys(A.states) as State[];
/* A longer answer is folded. */
const SHORT = 160;

function What({ alert }: { alert: Alert }) {
  const [first] = alert.incidents;
  const one = alert.incidents.length === 1 && alert.more === 0 && first;
  return (
    <>
      <p>
        {first && (
          <span class={`incident ${first.severity}`}>
            <Icon name={SEVERITY_ICON[first.severity]} class="tone" />
          </span>
        )}{' '}
        <span class="muted">{A.sent.what[alert.what]}:</span>{' '}
        {one ? (
          <a href={hrefOf({ page: 'incident', id: one.id })}>
            <Text text={one.title} />
          </a>
        ) : (
          <Text text={alert.title} />
        )}
      </p>
      {!one && alert.incidents.length > 0 && (
        <ul class="small-text alert-incidents">
          {alert.incidents.map(({ id, title }) => (
            <li key={id}>
              <a href={hrefOf({ page: 'incident', id })}>
                <Text text={title} />
              </a>
            </li>
          ))}
          {alert.more > 0 && <li class="muted">{A.sent.more(alert.more)}</li>}
        </ul>
      )}
      {alert.text !== alert.title && (
        <p class="muted small-text">
          <Text text={alert.text} />
        </p>
      )}
    </>
  );
}

/** What was answered stands open where it went wrong. */
function Answer({ alert: { answer, state } }: { alert: Alert }) {
  if (!answer) return null;
  if ((state === 'failed' || state === 'given_up') && answer.length <= SHORT)
    return (
      <p class="small-text alert-answer">
        <Text text={answer} />
      </p>
    );
  return (
    <details class="small-text">
      <summary>{A.sent.answered}</summary>
      <pre class="source wrap" tabIndex={0}>
        <Text text={answer} />
      </pre>
    </details>
  );
}

function Row({ alert, around: { channels, rules } }: { alert: Alert; around: Around }) {
  const channel = channels.find(({ id }) => id === alert.channel);
  const rule = rules.find(({ id }) => id === alert.rule)?.name ?? alert.rule;
  return (
    <tr class={`alert ${alert.state}`}>
      <td class="alert-when">
        <Time at={alert.at} />
      </td>
      <td>
        <What alert={alert} />
      </td>
      <td data-name={A.sent.channel}>
        {channel ? <Text text={channel.name} /> : <span class="muted">{A.sent.gone(alert.channel)}</span>}
        {rule !== '' && <div class="muted small-text">{A.sent.by(rule)}</div>}
      </td>
      <td>
        <AlertState alert={alert} kind={channel?.kind} />
        <Answer alert={alert} />
      </td>
    </tr>
  );
}

function SentTable({ alerts, around }: { alerts: Alert[]; around: Around }) {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label={A.sent.list}>
      <table class="plain settings-table sent">
        <thead>
          <tr>
            {[A.sent.when, A.sent.told, A.sent.channel, A.sent.how].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {alerts.map((alert) => (
            <Row key={alert.id} alert={alert} around={around} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <label class="field inline">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">{A.sent.all}</option>
        {options.map(([id, name]) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: [string, string][];
  onChange: (value: string) => void;
}

/** `begin`: the page says already that there is no channel yet. */
export function Sent({ around, begin }: { around: Around; begin: boolean }) {
  const { channels } = around;
  const { channel, state } = route.value;
  const { shown, waiting, letIn, older, problem } = useSent({ channel, state });
  const filtered = channel !== '' || state !== '';
  if (begin && !filtered && (shown === null || shown.length === 0)) return problem ? <Problem problem={problem} /> : null;
  const names = channels.map(({ id, name }): [string, string] => [id, name]);
  if (channel !== '' && !channels.some(({ id }) => id === channel)) names.push([channel, A.sent.gone(channel)]);
  return (
    <>
      <div class="alert-filter">
        <Choice label={A.sent.channel} value={channel} options={names} onChange={(value) => go({ channel: value }, true)} />
        <Choice
          label={A.sent.state}
          value={state}
          options={STATES.map((each) => [each, A.states[each]])}
          onChange={(value) => go({ state: value }, true)}
        />
        {waiting > 0 && (
          <button type="button" class="pill small" onClick={letIn}>
            {A.sent.waiting(waiting)}
          </button>
        )}
      </div>
      {problem && <Problem problem={problem} />}
      {!shown && !problem && <p class="muted">{W.loading}</p>}
      {shown?.length === 0 && !filtered && (
        <p class="card muted">
          {A.sent.none} {A.sent.noneWhy}
        </p>
      )}
      {shown?.length === 0 && filtered && (
        <p class="card muted">
          {A.sent.noMatch}{' '}
          <button type="button" class="link" onClick={() => go({ channel: '', state: '' }, true)}>
            {A.sent.showAll}
          </button>
        </p>
      )}
      {shown && shown.length > 0 && <SentTable alerts={shown} around={around} />}
      {older && (
        <button type="button" class="button" onClick={() => void older()}>
          {A.sent.older}
        </button>
      )}
    </>
  );
}
