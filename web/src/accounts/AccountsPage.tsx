/* Who may sign in: all accounts, with the way to each; their sessions and tokens. For whoever manages the accounts. */
import { useSignal } from '@preact/signals';
import { Sessions } from '../account/Sessions';
import { Tokens } from '../account/Tokens';
import type { User, Users } from '../api/types';
import { hrefOf, route } from '../state/route';
import { mayAccounts, me } from '../state/session';
import { Icon } from '../ui/Icon';
import { NoRight } from '../ui/NoRight';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { Time } from '../ui/Time';
import { W } from '../words';
import { accountsPageWords as A } from '../words/accountsPage';
import { AddAccount } from './AddAccount';
import { ChangeQuestion } from './ChangeQuestion';
import { May, Sees, SignInState } from './May';
import { PersonPage } from './PersonPage';
import { Usage } from './Usage';
import { type Change, useAccounts } from './useAccounts';

const TABS = ['accounts', 'sessions', 'tokens', 'usage'] as const;
type Tab = (typeof TABS)[number];

function Row({ user, ask }: { user: User; ask: (change: Change) => void }) {
  const { name, locked } = user;
  const lock = locked ? 'unlock' : 'lock';
  return (
    <tr class={locked ? 'locked' : ''}>
      <th scope="row">
        <a href={hrefOf({ page: 'accounts', id: name })}>
          <Text text={name} />
        </a>
        {name === me.value?.name && <span class="muted"> {A.you}</span>}
      </th>
      <td data-name={A.may}>
        <May user={user} />
      </td>
      <td data-name={A.sees}>
        <Sees user={user} />
      </td>
      <td data-name={A.state}>
        <SignInState user={user} />
      </td>
      <td data-name={A.created}>
        <Time at={user.created} />
      </td>
      <td class="end">
        <button type="button" class="button small" aria-label={A.of(A.change[lock].button, name)} onClick={() => ask({ kind: lock, name })}>
          <Icon name={locked ? 'log-in' : 'lock'} /> {A.change[lock].button}
        </button>
      </td>
    </tr>
  );
}

function Table({ users, ask }: { users: User[]; ask: (change: Change) => void }) {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label={A.title}>
      <table class="plain settings-table accounts">
        <thead>
          <tr>
            {[A.name, A.may, A.sees, A.state, A.created].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            <td />
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <Row key={user.name} user={user} ask={ask} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Accounts({ users, load }: { users: Users; load: () => Promise<void> }) {
  const asked = useSignal<Change | null>(null);
  const close = () => {
    asked.value = null;
  };
  return (
    <>
      {users.users.length === 0 && <p class="muted">{A.none}</p>}
      {users.users.length > 0 && (
        <Table
          users={users.users}
          ask={(change) => {
            asked.value = change;
          }}
        />
      )}
      <AddAccount table={users} onDone={() => void load()} />
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

function Tabs({ tab }: { tab: Tab }) {
  return (
    <nav class="tabs" aria-label={A.sections}>
      {TABS.map((each) => (
        <a
          key={each}
          href={hrefOf({ page: 'accounts', ...(each === 'accounts' ? {} : { tab: each }) })}
          aria-current={tab === each ? 'page' : undefined}
        >
          {A.tabs[each]}
        </a>
      ))}
    </nav>
  );
}

function Managed() {
  const { users, problem, load } = useAccounts();
  const { id } = route.value;
  const tab = TABS.find((each) => each === route.value.tab) ?? 'accounts';
  const found = users.value;
  return (
    <article class="settings-page">
      {id === '' && (
        <header class="page-head">
          <h1>{A.title}</h1>
          <p class="muted">{A.intro}</p>
        </header>
      )}
      {id === '' && <Tabs tab={tab} />}
      {problem.value && <Problem problem={problem.value} onRetry={() => void load()} />}
      {!found && !problem.value && <p class="muted">{W.loading}</p>}
      {found && id !== '' && <PersonPage name={id} users={found} load={load} />}
      {found && id === '' && tab === 'accounts' && <Accounts users={found} load={load} />}
      {id === '' && tab === 'sessions' && <Sessions whose="all" />}
      {id === '' && tab === 'tokens' && <Tokens whose="all" />}
      {id === '' && tab === 'usage' && <Usage />}
    </article>
  );
}

export function AccountsPage() {
  return mayAccounts.value ? <Managed /> : <NoRight title={A.title} right="accounts" />;
}
