/* The one-time password of who is signed in: set up, or taken off with a code. */
import { useSignal } from '@preact/signals';
import { problemIn, remove } from '../api/client';
import type { OneTime, Problem as ProblemData } from '../api/types';
import { say } from '../state/toasts';
import { Dialog } from '../ui/Dialog';
import { Icon } from '../ui/Icon';
import { Phrase } from '../ui/Phrase';
import { Problem } from '../ui/Problem';
import { Time } from '../ui/Time';
import { W } from '../words';
import { oneTimeWords as O } from '../words/oneTime';
import { CodeField, SetUp } from './SetUp';
import { PresentPassword } from './PresentPassword';
import { useOneTime } from './useOneTime';

function TakeOff({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const present = useSignal('');
  const code = useSignal('');
  const busy = useSignal(false);
  const problem = useSignal<ProblemData | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    busy.value = true;
    try {
      await remove('/me/otp', { code: code.value.trim(), present_password: present.value });
      say(O.taken);
      onDone();
    } catch (error) {
      problem.value = problemIn(error);
      busy.value = false;
      /* Of the two only what was wrong is typed again. */
      (problem.value.code === 'password_wrong' ? present : code).value = '';
    }
  };
  const wrong = problem.value?.code === 'password_wrong';
  return (
    <Dialog title={O.takeTitle} onClose={onClose} class="ask">
      <form onSubmit={submit}>
        <p>{O.takeWhat}</p>
        <PresentPassword
          value={present.value}
          wrong={wrong}
          onInput={(value) => {
            present.value = value;
          }}
        />
        <CodeField
          label={O.step.code}
          value={code.value}
          onInput={(value) => {
            code.value = value;
          }}
        />
        {problem.value && !wrong && <Problem problem={problem.value} />}
        <div class="dialog-buttons">
          <button type="button" class="button" onClick={onClose}>
            {W.cancel}
          </button>
          <button type="submit" class="button primary danger" disabled={busy.value}>
            {O.take}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Is({ state: { state, since, codes_left: left, required } }: { state: OneTime }) {
  if (state === 'off')
    return (
      <p class="muted">
        <Phrase text={O.off} parts={{ setting: <code>access.otp</code> }} />
      </p>
    );
  if (state !== 'on')
    return (
      <p>
        {O.none} <span class="muted">{O.what}</span>
      </p>
    );
  return (
    <>
      <p>
        <Icon name="shield-check" /> {since && <Phrase text={O.since} parts={{ time: <Time at={since} /> }} />}{' '}
        <span class={left <= 2 ? 'few' : ''}>{O.codesLeft(left)}</span>
      </p>
      {required && <p class="muted small-text">{O.stays}</p>}
    </>
  );
}

export function OneTimeCard() {
  const { state, problem, load } = useOneTime();
  const doing = useSignal<'begin' | 'end' | null>(null);
  const now = state.value;
  const done = () => {
    doing.value = null;
    void load();
  };
  const close = () => {
    doing.value = null;
  };
  return (
    <section class="card account-card" aria-labelledby="one-time">
      <h2 id="one-time">{O.title}</h2>
      {problem.value && <Problem problem={problem.value} onRetry={() => void load()} />}
      {!now && !problem.value && <p class="muted">{W.loading}</p>}
      {now && doing.value !== 'begin' && <Is state={now} />}
      {now && doing.value === 'begin' && <SetUp onDone={done} onClose={close} />}
      {doing.value === 'end' && <TakeOff onClose={close} onDone={done} />}
      {now && now.state !== 'off' && doing.value !== 'begin' && (
        <div class="actions">
          <button
            type="button"
            class="button small"
            onClick={() => {
              doing.value = now.state === 'on' ? 'end' : 'begin';
            }}
          >
            {now.state === 'on' ? `${O.take} …` : O.begin}
          </button>
        </div>
      )}
    </section>
  );
}
