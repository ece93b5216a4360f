/* One's own password: changed by the present one. Who signs in elsewhere is told so. */
import { useSignal } from '@preact/signals';
import { PasswordField } from '../accounts/AddAccount';
import { post, problemIn } from '../api/client';
import type { Me, Problem as ProblemData } from '../api/types';
import { me } from '../state/session';
import { say } from '../state/toasts';
import { Problem } from '../ui/Problem';
import { W } from '../words';
import { accountPageWords as A } from '../words/accountPage';
import { accountsPageWords } from '../words/accountsPage';
import { PresentPassword } from './PresentPassword';

const P = A.password;

export const isByPassword = (how: Me['how']): boolean => how === 'password' || how === 'otp' || how === 'unknown';

function useChange(onDone: () => void) {
  const present = useSignal('');
  const next = useSignal('');
  const again = useSignal('');
  const busy = useSignal(false);
  const problem = useSignal<ProblemData | null>(null);
  const differ = useSignal(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    differ.value = next.value !== again.value;
    if (differ.value) return;
    busy.value = true;
    try {
      const { sessions_ended: ended } = await post<{ sessions_ended: number }>('/me/password', {
        present_password: present.value,
        password: next.value,
      });
      say(P.changed(ended));
      onDone();
    } catch (error) {
      problem.value = problemIn(error);
      if (problem.value.code === 'password_wrong') present.value = '';
    } finally {
      busy.value = false;
    }
  };
  return { present, next, again, busy, problem, differ, submit };
}

function ChangeForm({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
  const { present, next, again, busy, problem, differ, submit } = useChange(onDone);
  const wrong = problem.value?.code === 'password_wrong';
  return (
    <form class="account-form" onSubmit={submit} aria-label={P.title}>
      {/* So that whatever keeps passwords knows whose it is. */}
      <input type="text" autocomplete="username" class="visually-hidden" readOnly tabIndex={-1} aria-hidden="true" value={me.value!.name} />
      <div class="account-fields">
        <PresentPassword
          value={present.value}
          wrong={wrong}
          onInput={(value) => {
            present.value = value;
            problem.value = null;
          }}
        />
      </div>
      <div class="account-fields">
        <PasswordField
          label={P.next}
          value={next.value}
          onInput={(value) => {
            next.value = value;
            differ.value = false;
          }}
        />
        <PasswordField
          label={P.again}
          value={again.value}
          onInput={(value) => {
            again.value = value;
            differ.value = false;
          }}
        />
      </div>
      <p class="muted small-text" id="password-rule">
        {accountsPageWords.rule}
      </p>
      {differ.value && (
        <p class="field-error" role="alert">
          {P.differ}
        </p>
      )}
      {problem.value && !wrong && <Problem problem={problem.value} />}
      <div class="actions">
        <button type="submit" class="button primary" disabled={busy.value}>
          {P.save}
        </button>
        <button type="button" class="button" onClick={onClose}>
          {W.cancel}
        </button>
      </div>
    </form>
  );
}

export function PasswordCard({ how, onChanged }: { how: Me['how']; onChanged: () => void }) {
  const open = useSignal(false);
  const close = () => {
    open.value = false;
  };
  const done = () => {
    close();
    onChanged();
  };
  const own = isByPassword(how);
  return (
    <section class="card account-card" aria-labelledby="own-password">
      <h2 id="own-password">{P.title}</h2>
      <p class={own ? '' : 'muted'}>{own ? P.what : how === 'oidc' ? P.elsewhere : P.link}</p>
      {own && open.value && <ChangeForm onDone={done} onClose={close} />}
      {own && !open.value && (
        <div class="actions">
          <button
            type="button"
            class="button small"
            onClick={() => {
              open.value = true;
            }}
          >
            {P.change} …
          </button>
        </div>
      )}
    </section>
  );
}
