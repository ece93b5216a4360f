/* The one-time set-up: the exact lines of main.cf, and the commands that write them. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get, post, problemIn } from '../api/client';
import type { PauseSetup, Problem as ProblemData } from '../api/types';
import { loadPauses } from '../state/pauses';
import { maySet } from '../state/session';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { W } from '../words';
import { pauseDialogWords } from '../words/pauses';

const S = pauseDialogWords.setup;

function Lines({ setup }: { setup: PauseSetup }) {
  return (
    <dl class="setup-lines">
      {setup.lines.map(({ name, before, after }) => (
        <div key={name}>
          <dt>
            <code>{name}</code>
          </dt>
          <dd>
            <span class="muted">{S.before}</span> <code>{before ?? S.notSet}</code>
          </dd>
          <dd>
            <span class="muted">{S.after}</span> <code class="new">{after ?? S.notSet}</code>
          </dd>
        </div>
      ))}
    </dl>
  );
}

export function PauseSetupForm({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
  const setup = useSignal<PauseSetup | null>(null);
  const problem = useSignal<ProblemData | null>(null);
  const busy = useSignal(false);
  const attempt = async (work: () => Promise<PauseSetup>) => {
    busy.value = true;
    problem.value = null;
    try {
      setup.value = await work();
      if (setup.value.state === 'done') {
        await loadPauses();
        onDone();
      }
    } catch (error) {
      problem.value = problemIn(error);
    } finally {
      busy.value = false;
    }
  };
  useEffect(() => void attempt(() => get<PauseSetup>('/pauses/setup')), []);
  const now = setup.value;
  return (
    <div class="pause-setup">
      <h3>{S.title}</h3>
      <p>{now?.state === 'changed' ? S.changed : now?.state === 'impossible' ? S.impossible : S.what}</p>
      {!now && !problem.value && <p class="muted">{W.loading}</p>}
      {now &&
        [now.why, now.by_hand, now.pattern_why, now.warning].filter(Boolean).map((text) => (
          <p key={text} class="notice warning">
            <Text text={text!} />
          </p>
        ))}
      {now && <Lines setup={now} />}
      {problem.value && <Problem problem={problem.value} />}
      {now && (
        <p class="command muted">
          {W.ask.command}{' '}
          {now.commands.map((command) => (
            <code key={command}>{command}</code>
          ))}
        </p>
      )}
      {!maySet.value && <p class="muted">{S.admin}</p>}
      <div class="dialog-buttons">
        <button type="button" class="button" data-first onClick={onClose}>
          {W.cancel}
        </button>
        {maySet.value && (now?.state === 'none' || now?.state === 'changed') && (
          <button
            type="button"
            class="button primary"
            disabled={busy.value}
            onClick={() => void attempt(() => post<PauseSetup>('/pauses/setup', { seen: now.seen }))}
          >
            {S.button}
          </button>
        )}
      </div>
    </div>
  );
}
