/* Who may sign in: accounts are listed, added, changed, locked and ended here, by admins. */
import { useSignal } from '@preact/signals';
import type { User } from '../api/types';
import { mayAdmin, me } from '../state/session';
import { Icon } from '../ui/Icon';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { Time } from '../ui/Time';
import { W } from '../words';
import { accountsPageWords as A } from '../words/accountsPage';
import { AddAccount } from './AddAccount';
import { ChangeQuestion } from './ChangeQuestion';
import { RoleChoice } from './RoleChoice';
import { type Change, useAccounts } from './useAccounts';

function Row({ user, ask }: { user: User; ask: (change: Change) => void }) {
  const { name, locked } = user;
  return (
    <tr>
      <th scope="row">
        <Text text={name} />
        {name === me.value?.name && <span class="muted"> {A.you}</span>}
      </th>
      <td data-name={A.role}>
        <RoleChoice value={user.role} label={A.roleOf(name)} onChange={(role) => ask({ kind: 'role', name, role })} />
      </td>
      <td data-name={A.state}>
        {locked ? (
          <>
            <Icon name="lock" /> {A.locked}
          </>
        ) : (
          A.open
        )}
      </td>
      <td data-name={A.created}>
        <Time at={user.created} />
      </td>
      <td>
        <div class="account-actions">
          <button
            type="button"
            class="button small"
            aria-label={A.of(A.change.password.open, name)}
            onClick={() => ask({ kind: 'password', name })}
          >
            {A.change.password.open}
          </button>
          <button
            type="button"
            class="button small"
            aria-label={A.of(A.change[locked ? 'unlock' : 'lock'].button, name)}
            onClick={() => ask({ kind: locked ? 'unlock' : 'lock', name })}
          >
            <Icon name={locked ? 'log-in' : 'lock'} /> {A.change[locked ? 'unlock' : 'lock'].button}
          </button>
          <button
            type="button"
            class="button small"
            aria-label={A.of(A.change.delete.open, name)}
            onClick={() => ask({ kind: 'delete', name })}
          >
            <Icon name="trash-2" /> {A.change.delete.open}
          </button>
        </div>
      </td>
    </tr>
  );
}

function Accounts() {
  const { users, problem, load } = useAccounts();
  const asked = useSignal<Change | null>(null);
  const close = () => {
    asked.value = null;
  };
  return (
    <>
      {problem.value && <Problem problem={problem.value} onRetry={() => void load()} />}
      {!users.value && !problem.value && <p class="muted">{W.loading}</p>}
      {users.value && users.value.length === 0 && <p class="muted">{A.none}</p>}
      {users.value && users.value.length > 0 && (
        <div class="table-wrap" tabIndex={0} role="region" aria-label={A.title}>
          <table class="plain settings-table">
            <thead>
              <tr>
                <th scope="col">{A.name}</th>
                <th scope="col">{A.role}</th>
                <th scope="col">{A.state}</th>
                <th scope="col">{A.created}</th>
                <th scope="col">
                  <span class="visually-hidden">{A.actions}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {users.value.map((user) => (
                <Row
                  key={user.name}
                  user={user}
                  ask={(change) => {
                    asked.value = change;
                  }}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {users.value && <AddAccount onDone={() => void load()} />}
      {asked.value && (
        <ChangeQuestion
          change={asked.value}
          onClose={close}
          onDone={() => {
            close();
            void load();
          }}
        />
      )}
    </>
  );
}

export function AccountsPage() {
  return (
    <article class="settings-page">
      <header class="page-head">
        <h1>{A.title}</h1>
        <p class="muted">{A.intro}</p>
      </header>
      {mayAdmin.value ? (
        <Accounts />
      ) : (
        <p class="notice info">
          <Icon name="lock" /> {A.notAdmin}
        </p>
      )}
    </article>
  );
}
