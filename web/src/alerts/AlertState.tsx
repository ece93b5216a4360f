/* How an alert went: icon, word and colour together. */
import type { Alert, AlertKind, AlertState as State } from '../api/types';
import { Icon } from '../ui/Icon';
import { Phrase } from '../ui/Phrase';
import { Relative } from '../ui/Time';
import { alertsPageWords as A } from '../words/alerts';

const ICON: Record<State, string> = {
  waiting: 'clock',
  sending: 'send',
  sent: 'circle-check',
  failed: 'triangle-alert',
  given_up: 'circle-x',
  silenced: 'bell-off',
};

export function AlertState({ alert, kind }: { alert: Alert; kind: AlertKind | undefined }) {
  const { state, status, took_ms: took, attempts, next_attempt: next } = alert;
  const figures = [
    status !== null && A.sent.status(kind, status),
    took !== null && attempts > 0 && A.sent.took(took),
    attempts > 1 && A.sent.attempts(attempts),
  ].filter(Boolean);
  return (
    <>
      <span class={`alert-state ${state}`} title={A.sent.explain[state]}>
        <Icon name={ICON[state]} /> {A.states[state]}
      </span>{' '}
      {figures.length > 0 && <span class="muted">{figures.join(', ')}</span>}
      {next !== null && (state === 'failed' || state === 'waiting') && (
        <div class="small-text">
          <Phrase text={A.sent.next} parts={{ time: <Relative at={next} /> }} />
        </div>
      )}
    </>
  );
}
