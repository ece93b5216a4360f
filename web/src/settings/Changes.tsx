/* Who changed what, when, what became of it; and a way to put it back. */
import { useSignal } from '@preact/signals';
import { problemIn } from '../api/client';
import type { Problem as ProblemData, SettingsChange } from '../api/types';
import { maySet } from '../state/session';
import { Icon } from '../ui/Icon';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { Time } from '../ui/Time';
import { settingsPageWords as S } from '../words/settings';
import { restoreChange } from './useSettings';

const ICON = { applying: 'loader', applied: 'circle-check', undone: 'undo-2', failed: 'circle-x' } as const;

function ChangeItem({ change, writable, onDone }: { change: SettingsChange; writable: boolean; onDone: () => void }) {
  const problem = useSignal<ProblemData | null>(null);
  const restore = async () => {
    try {
      await restoreChange(change.id);
      problem.value = null;
      onDone();
    } catch (error) {
      problem.value = problemIn(error);
    }
  };
  return (
    <li class={`change ${change.state}`}>
      <p>
        <span class={`change-state ${change.state}`}>
          <Icon name={ICON[change.state]} /> {S.state[change.state]}
        </span>{' '}
        <Time at={change.created} />, <Text text={change.by} />
        {change.restores !== null && <span class="muted"> {S.restores(change.restores)}</span>}
      </p>
      <ul>
        {change.changes.map((each) => (
          <li key={each.name}>
            <code>{each.name}</code>: {each.before ?? S.defaultValue} → <strong>{each.after ?? S.defaultValue}</strong>
          </li>
        ))}
      </ul>
      {change.note && (
        <p class="small-text">
          <Text text={change.note} />
        </p>
      )}
      {change.detail && (
        <p class="notice warning small-text">
          <Icon name="triangle-alert" /> <Text text={change.detail} />
        </p>
      )}
      {writable && maySet.value && change.state === 'applied' && (
        <button type="button" class="button small" onClick={() => void restore()}>
          <Icon name="history" /> {S.putBack}
        </button>
      )}
      {problem.value && <Problem problem={problem.value} />}
    </li>
  );
}

export function Changes({ changes, writable, onDone }: { changes: SettingsChange[]; writable: boolean; onDone: () => void }) {
  return (
    <section class="card" aria-label={S.history}>
      <h2>{S.history}</h2>
      {changes.length === 0 && <p class="muted">{S.noHistory}</p>}
      <ol class="changes">
        {changes.map((change) => (
          <ChangeItem key={change.id} change={change} writable={writable} onDone={onDone} />
        ))}
      </ol>
    </section>
  );
}
