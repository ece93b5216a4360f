/* Asks before an account is changed: whoever uses it is signed out everywhere at once. */
import { useSignal } from '@preact/signals';
import { problemIn } from '../api/client';
import type { Problem as ProblemData } from '../api/types';
import { me } from '../state/session';
import { say } from '../state/toasts';
import { Dialog } from '../ui/Dialog';
import { Problem } from '../ui/Problem';
import { W } from '../words';
import { accountsPageWords as A } from '../words/accountsPage';
import { PasswordField } from './AddAccount';
import { type Change, carryOut } from './useAccounts';

interface Props {
  change: Change;
  onClose: () => void;
  onDone: () => void;
}

export function ChangeQuestion({ change, onClose, onDone }: Props) {
  const password = useSignal('');
  const busy = useSignal(false);
  const problem = useSignal<ProblemData | null>(null);
  const words = A.change[change.kind];
  const harsh = change.kind === 'delete' || change.kind === 'otp';
  const submit = async (event: Event) => {
    event.preventDefault();
    busy.value = true;
    try {
      await carryOut(change, password.value);
      say(words.done(change.name));
      onDone();
    } catch (error) {
      problem.value = problemIn(error);
      busy.value = false;
    }
  };
  return (
    <Dialog title={words.ask(change.name)} onClose={onClose} class="ask">
      <form onSubmit={submit} class="account-form">
        <p>{words.what}</p>
        {change.name === me.value?.name && <p class="notice warning">{A.yourself}</p>}
        {change.kind === 'password' && (
          <>
            <PasswordField
              label={A.newPassword}
              value={password.value}
              onInput={(value) => {
                password.value = value;
              }}
            />
            <p class="muted small-text" id="password-rule">
              {A.rule}
            </p>
          </>
        )}
        {problem.value && <Problem problem={problem.value} />}
        <div class="dialog-buttons">
          <button type="button" class="button" data-first={change.kind === 'password' ? undefined : true} onClick={onClose}>
            {W.cancel}
          </button>
          <button type="submit" class={`button primary ${harsh ? 'danger' : ''}`} disabled={busy.value}>
            {words.button}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
