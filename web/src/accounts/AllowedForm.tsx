/* What an account may do and see, changed in one go: its sessions and tokens end once. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { problemIn } from '../api/client';
import type { Problem as ProblemData, User, Users } from '../api/types';
import { me } from '../state/session';
import { say } from '../state/toasts';
import { Problem } from '../ui/Problem';
import { accountsPageWords as A } from '../words/accountsPage';
import { AllowedFields } from './AllowedFields';
import { type Allowed, changeAllowed } from './useAccounts';

const F = A.form;

const allowedOf = ({ role, scope, given, taken }: User): Allowed => ({ role, scope, given, taken });

/** Where the filter of a part is wrong, if that is what the server says. */
export const faultOf = (problem: ProblemData | null): { column: number; expected: string } | null =>
  problem?.code === 'invalid_filter' && problem.column !== undefined
    ? { column: problem.column, expected: problem.expected ?? problem.detail }
    : null;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const sorted = (allowed: Allowed): Allowed => ({ ...allowed, given: [...allowed.given].sort(), taken: [...allowed.taken].sort() });

/** What is different; rights go together, since the server has them by the role. */
function difference(before: Allowed, after: Allowed): Partial<Allowed> {
  const { role, scope, given, taken } = after;
  return {
    ...(role !== before.role && { role }),
    ...(scope !== before.scope && { scope }),
    ...(!same(sorted(before).given, sorted(after).given) && { given }),
    ...(!same(sorted(before).taken, sorted(after).taken) && { taken }),
  };
}

export function AllowedForm({ user, table, onDone }: { user: User; table: Pick<Users, 'roles' | 'scope_takes'>; onDone: () => void }) {
  const before = allowedOf(user);
  const draft = useSignal(before);
  const busy = useSignal(false);
  const problem = useSignal<ProblemData | null>(null);
  useEffect(() => {
    draft.value = before;
  }, [JSON.stringify(before)]);
  const changed = !same(sorted(before), sorted(draft.value));
  const fault = faultOf(problem.value);
  const save = async (event: Event) => {
    event.preventDefault();
    busy.value = true;
    try {
      await changeAllowed(user.name, difference(before, draft.value));
      problem.value = null;
      say(F.saved(user.name));
      onDone();
    } catch (error) {
      problem.value = problemIn(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form class="card account-form" onSubmit={save} aria-label={F.title}>
      <h2>{F.title}</h2>
      <AllowedFields
        allowed={draft.value}
        table={table}
        fault={fault}
        onChange={(next) => {
          draft.value = next;
        }}
      />
      {problem.value && !fault && <Problem problem={problem.value} />}
      {changed && <p class="notice warning">{user.name === me.value?.name ? A.yourself : F.ends}</p>}
      <div class="actions">
        <button type="submit" class="button primary" disabled={!changed || busy.value}>
          {F.save}
        </button>
        {changed && (
          <button
            type="button"
            class="button"
            onClick={() => {
              draft.value = before;
              problem.value = null;
            }}
          >
            {F.drop}
          </button>
        )}
      </div>
    </form>
  );
}
