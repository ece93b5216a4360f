/* A new account: its name, what it may do, its first password. */
import { useSignal } from '@preact/signals';
import { problemIn } from '../api/client';
import type { Problem as ProblemData, Role } from '../api/types';
import { say } from '../state/toasts';
import { Icon } from '../ui/Icon';
import { Problem } from '../ui/Problem';
import { accountsPageWords as A } from '../words/accountsPage';
import { RoleChoice } from './RoleChoice';
import { addAccount } from './useAccounts';

export function PasswordField({ label, value, onInput }: { label: string; value: string; onInput: (value: string) => void }) {
  return (
    <label class="field grow">
      <span>{label}</span>
      <input
        type="password"
        autocomplete="new-password"
        required
        minLength={12}
        value={value}
        aria-describedby="password-rule"
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  );
}

export function AddAccount({ onDone }: { onDone: () => void }) {
  const name = useSignal('');
  const role = useSignal<Role>('operator');
  const password = useSignal('');
  const busy = useSignal(false);
  const problem = useSignal<ProblemData | null>(null);
  const add = async (event: Event) => {
    event.preventDefault();
    busy.value = true;
    try {
      const { name: added } = await addAccount(name.value.trim(), role.value, password.value);
      say(A.added(added));
      name.value = password.value = '';
      problem.value = null;
      onDone();
    } catch (error) {
      problem.value = problemIn(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form class="card account-form" onSubmit={add} aria-label={A.add}>
      <h2>{A.add}</h2>
      <div class="account-fields">
        <label class="field grow">
          <span>{A.name}</span>
          <input
            type="text"
            autocomplete="off"
            required
            maxLength={64}
            value={name.value}
            onInput={(event) => {
              name.value = event.currentTarget.value;
            }}
          />
        </label>
        <label class="field">
          <span>{A.role}</span>
          <RoleChoice
            value={role.value}
            onChange={(value) => {
              role.value = value;
            }}
          />
        </label>
        <PasswordField
          label={A.password}
          value={password.value}
          onInput={(value) => {
            password.value = value;
          }}
        />
      </div>
      <p class="muted small-text" id="password-rule">
        {A.rule}
      </p>
      {problem.value && <Problem problem={problem.value} />}
      <div class="dialog-buttons">
        <button type="submit" class="button primary" disabled={busy.value}>
          <Icon name="plus" /> {A.addButton}
        </button>
      </div>
    </form>
  );
}
