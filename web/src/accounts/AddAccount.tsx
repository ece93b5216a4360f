/* A new account: its name, its first password, what it may do and see. */
import { useSignal } from '@preact/signals';
import { problemIn } from '../api/client';
import type { Problem as ProblemData, Users } from '../api/types';
import { say } from '../state/toasts';
import { Icon } from '../ui/Icon';
import { Problem } from '../ui/Problem';
import { accountsPageWords as A } from '../words/accountsPage';
import { AllowedFields } from './AllowedFields';
import { faultOf } from './AllowedForm';
import { addAccount, type Allowed } from './useAccounts';

const FRESH: Allowed = { role: 'operator', scope: null, given: [], taken: [] };

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

export function AddAccount({ table, onDone }: { table: Pick<Users, 'roles' | 'scope_takes'>; onDone: () => void }) {
  const name = useSignal('');
  const password = useSignal('');
  const allowed = useSignal(FRESH);
  const busy = useSignal(false);
  const problem = useSignal<ProblemData | null>(null);
  const add = async (event: Event) => {
    event.preventDefault();
    busy.value = true;
    try {
      const { name: added } = await addAccount(name.value.trim(), password.value, allowed.value);
      say(A.added(added));
      name.value = password.value = '';
      allowed.value = FRESH;
      problem.value = null;
      onDone();
    } catch (error) {
      problem.value = problemIn(error);
    } finally {
      busy.value = false;
    }
  };
  const fault = faultOf(problem.value);
  return (
    <form class="card account-form" onSubmit={add} aria-label={A.add}>
      <h2>{A.add}</h2>
      <div class="account-fields">
        <label class="field grow">
          <span>{A.name}</span>
          <input
            type="text"
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            required
            maxLength={64}
            value={name.value}
            onInput={(event) => {
              name.value = event.currentTarget.value;
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
      <AllowedFields
        allowed={allowed.value}
        table={table}
        fault={fault}
        onChange={(next) => {
          allowed.value = next;
        }}
      />
      {problem.value && !fault && <Problem problem={problem.value} />}
      <div class="actions">
        <button type="submit" class="button primary" disabled={busy.value}>
          <Icon name="plus" /> {A.addButton}
        </button>
      </div>
    </form>
  );
}
