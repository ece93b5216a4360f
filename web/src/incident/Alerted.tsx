/* On an incident's page: who was told of it, when, and how it went. */
import type { Alert, AlertChannel, AlertSilence, IncidentDetail } from '../api/types';
import { AlertState } from '../alerts/AlertState';
import { when } from '../lib/format';
import { now } from '../state/clock';
import { hrefOf } from '../state/route';
import { Icon } from '../ui/Icon';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { Time } from '../ui/Time';
import { W } from '../words';
import { alertedWords as T, alertsPageWords as A } from '../words/alerts';
import { useAlerted } from './useAlerted';

const escaped = (text: string): string => text.replace(/[.+^${}()|[\]\\]/g, '\\$&');

/** Whether a silence is about an incident: * in its key is any text, ? any character, without regard to case. */
export function silences({ kind, key, severity }: AlertSilence, incident: Pick<IncidentDetail, 'kind' | 'severity' | 'subject'>): boolean {
  const pattern = key === null ? null : new RegExp(`^${escaped(key).replaceAll('*', '.*').replaceAll('?', '.')}$`, 'is');
  return (
    (kind === null || kind === incident.kind) &&
    (severity === null || severity === incident.severity) &&
    (pattern === null || pattern.test(incident.subject.key))
  );
}

function Line({ alert, channel }: { alert: Alert; channel: AlertChannel | undefined }) {
  return (
    <li>
      <span class="timeline-time">
        <Time at={alert.sent_at ?? alert.at} />
      </span>
      <span>
        <span class="muted">{A.sent.what[alert.what]}:</span> <Text text={channel?.name ?? alert.channel} />{' '}
        <AlertState alert={alert} kind={channel?.kind} />
      </span>
    </li>
  );
}

export function Alerted({ incident }: { incident: IncidentDetail }) {
  const { told, problem } = useAlerted(incident);
  const silent = told?.silences.find((each) => silences(each, incident));
  return (
    <section class="card" aria-labelledby="incident-alerts">
      <h2 id="incident-alerts">{T.title}</h2>
      {silent && (
        <p class="small-text">
          <Icon name="bell-off" /> {A.silences.inForce(when(silent.until, now.value), silent.by)} <Text text={silent.reason} />
        </p>
      )}
      {problem && <Problem problem={problem} />}
      {!told && !problem && <p class="muted">{W.loading}</p>}
      {told?.alerts.length === 0 && (
        <p class="muted">
          {T.none} {told.channels.length === 0 ? T.noChannel : T.noRule}
        </p>
      )}
      {told && told.alerts.length > 0 && (
        <ol class="timeline">
          {told.alerts.map((alert) => (
            <Line key={alert.id} alert={alert} channel={told.channels.find(({ id }) => id === alert.channel)} />
          ))}
        </ol>
      )}
      <a class="small-text" href={hrefOf({ page: 'alerts' })}>
        {T.toAlerts}
      </a>
    </section>
  );
}
