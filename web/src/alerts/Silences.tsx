/* What nobody is told of until a time: who wants it so, and why. */
import { useSignal } from '@preact/signals';
import { problemIn } from '../api/client';
import type { AlertSilence, Problem as ProblemData } from '../api/types';
import { mayAct } from '../state/session';
import { say } from '../state/toasts';
import { Icon } from '../ui/Icon';
import { Phrase } from '../ui/Phrase';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { Relative, Time } from '../ui/Time';
import { alertsPageWords as A } from '../words/alerts';
import { SilenceDialog } from './SilenceDialog';
import { aboutText } from './silenceText';
import { endSilence } from './useAlerts';

const S = A.silences;

function Row({ silence, onDone }: { silence: AlertSilence; onDone: () => void }) {
  const busy = useSignal(false);
  const problem = useSignal<ProblemData | null>(null);
  const end = async () => {
    busy.value = true;
    try {
      await endSilence(silence.id);
      say(S.ended);
      onDone();
    } catch (error) {
      problem.value = problemIn(error);
      busy.value = false;
    }
  };
  return (
    <tr>
      <th scope="row">
        <Icon name="bell-off" /> <Text text={aboutText(silence)} />
      </th>
      <td data-name={S.endsIn}>
        <Time at={silence.until} />{' '}
        <span class="muted">
          (<Relative at={silence.until} />)
        </span>
      </td>
      <td data-name={S.reason}>
        <Text text={silence.reason} />
        <div class="muted small-text">
          <Phrase text={S.began} parts={{ who: <Text text={silence.by} />, time: <Time at={silence.at} /> }} />
        </div>
        {problem.value && <Problem problem={problem.value} />}
      </td>
      <td>
        {mayAct.value && (
          <button
            type="button"
            class="button small"
            aria-label={A.of(S.end, aboutText(silence))}
            disabled={busy.value}
            onClick={() => void end()}
          >
            <Icon name="bell" /> {S.end}
          </button>
        )}
      </td>
    </tr>
  );
}

export function Silences({ silences, onDone }: { silences: AlertSilence[]; onDone: () => void }) {
  const open = useSignal(false);
  return (
    <>
      <p class="muted">{S.what}</p>
      {mayAct.value ? (
        <button
          type="button"
          class="button primary alert-add"
          onClick={() => {
            open.value = true;
          }}
        >
          <Icon name="bell-off" /> {S.add}
        </button>
      ) : (
        <p class="notice info">
          <Icon name="lock" /> {A.mayNotSilence}
        </p>
      )}
      {silences.length === 0 && <p class="card muted">{S.none}</p>}
      {silences.length > 0 && (
        <div class="table-wrap" tabIndex={0} role="region" aria-label={A.tabs.silences}>
          <table class="plain settings-table">
            <thead>
              <tr>
                <th scope="col">{S.about}</th>
                <th scope="col">{S.endsIn}</th>
                <th scope="col">{S.reason}</th>
                <th scope="col">
                  <span class="visually-hidden">{S.end}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {silences.map((silence) => (
                <Row key={silence.id} silence={silence} onDone={onDone} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {open.value && (
        <SilenceDialog
          onClose={() => {
            open.value = false;
          }}
          onDone={() => {
            open.value = false;
            onDone();
          }}
        />
      )}
    </>
  );
}
