/* Who may sign in: accounts are listed, added, changed, locked and ended here, by admins. */
import { useSignal } from '@preact/signals';
import type { User } from '../api/types';
import { mayAdmin, me } from '../state/session';
import { Icon } from '../ui/Icon';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { Time } from '../ui/Time';
import { W } from '../words';
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
        {name === me.value?.name && <span class="muted"> {W.accounts.you}</span>}
      </th>
      <td data-name={W.accounts.role}>
        <RoleChoice value={user.role} label={W.accounts.roleOf(name)} onChange={(role) => ask({ kind: 'role', name, role })} />
      </td>
      <td data-name={W.accounts.state}>
        {locked ? (
          <>
            <Icon name="lock" /> {W.accounts.locked}
          </>
        ) : (
          W.accounts.open
        )}
      </td>
      <td data-name={W.accounts.created}>
        <Time at={user.created} />
      </td>
      <td>
        <div class="account-actions">
          <button
            type="button"
            class="button small"
            aria-label={W.accounts.of(W.accounts.change.password.open, name)}
            onClick={() => ask({ kind: 'password', name })}
          >
            {W.accounts.change.password.open}
          </button>
          <button
            type="button"
            class="button small"
            aria-label={W.accounts.of(W.accounts.change[locked ? 'unlock' : 'lock'].button, name)}
            onClick={() => ask({ kind: locked ? 'unlock' : 'lock', name })}
          >
            <Icon name={locked ? 'log-in' : 'lock'} /> {W.accounts.change[locked ? 'unlock' : 'lock'].button}
          </button>
          <button
            type="button"
            class="button small"
            aria-label={W.accounts.of(W.accounts.change.delete.open, name)}
            onClick={() => ask({ kind: 'delete', name })}
          >
            <Icon name="trash-2" /> {W.accounts.change.delete.open}
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
      {users.value && users.value.length === 0 && <p class="muted">{W.accounts.none}</p>}
      {users.value && users.value.length > 0 && (
        <div class="table-wrap" tabIndex={0} role="region" aria-label={W.accounts.title}>
          <table class="plain settings-table">
            <thead>
              <tr>
                <th scope="col">{W.accounts.name}</th>
                <th scope="col">{W.accounts.role}</th>
                <th scope="col">{W.accounts.state}</th>
                <th scope="col">{W.accounts.created}</th>
                <th scope="col">
                  <span class="visually-hidden">{W.accounts.actions}</span>
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
        <h1>{W.accounts.title}</h1>
        <p class="muted">{W.accounts.intro}</p>
      </header>
      {mayAdmin.value ? (
        <Accounts />
      ) : (
        <p class="notice info">
          <Icon name="lock" /> {W.accounts.notAdmin}
        </p>
      )}
    </article>
  );
}
