/* One account: what it may, where it is signed in, its tokens, and what can be done to it. */
import { useSignal } from '@preact/signals';
import { Sessions } from '../account/Sessions';
import { Tokens } from '../account/Tokens';
import type { User, Users } from '../api/types';
import { goTo, hrefOf } from '../state/route';
import { mayAudit, me } from '../state/session';
import { Icon } from '../ui/Icon';
import { Text } from '../ui/Text';
import { Time } from '../ui/Time';
import { accountsPageWords as A } from '../words/accountsPage';
import { AllowedForm } from './AllowedForm';
import { ChangeQuestion } from './ChangeQuestion';
import { Sees, SignInState } from './May';
import type { Change } from './useAccounts';

function Actions({ user, onAsk }: { user: User; onAsk: (change: Change) => void }) {
  const { name, locked, otp } = user;
  const lock = locked ? 'unlock' : 'lock';
  return (
    <div class="actions">
      <button type="button" class="button small" onClick={() => onAsk({ kind: lock, name })}>
        <Icon name={locked ? 'log-in' : 'lock'} /> {A.change[lock].button}
      </button>
      <button type="button" class="button small" onClick={() => onAsk({ kind: 'password', name })}>
        <Icon name="key" /> {A.change.password.open}
      </button>
      {/* One's own goes under "My account", with password and code. */}
      {otp && name !== me.value?.name && (
        <button type="button" class="button small" onClick={() => onAsk({ kind: 'otp', name })}>
          <Icon name="shield-check" /> {A.change.otp.open}
        </button>
      )}
      <button type="button" class="button small danger" onClick={() => onAsk({ kind: 'delete', name })}>
        <Icon name="trash-2" /> {A.change.delete.open}
      </button>
      {mayAudit.value && (
        <a class="button small quiet" href={hrefOf({ page: 'audit', who: name })}>
          <Icon name="history" /> {A.trail(name)}
        </a>
      )}
    </div>
  );
}

export function PersonPage({ name, users, load }: { name: string; users: Users; load: () => Promise<void> }) {
  const asked = useSignal<Change | null>(null);
  const user = users.users.find((each) => each.name === name);
  const close = () => {
    asked.value = null;
  };
  const done = () => {
    const deleted = asked.value?.kind === 'delete';
    close();
    if (deleted) goTo(hrefOf({ page: 'accounts' }));
    void load();
  };
  return (
    <>
      <header class="page-head">
        <a class="button small quiet" href={hrefOf({ page: 'accounts' })}>
          <Icon name="arrow-left" /> {A.toAll}
        </a>
        <h1>
          <Text text={name} />
        </h1>
        {user && (
          <p class="page-sub">
            <SignInState user={user} />
            {name === me.value?.name && <span class="muted">{A.you}</span>}
            <span class="muted">
              {A.created}: <Time at={user.created} />
            </span>
            {user.scope !== null && <Sees user={user} />}
          </p>
        )}
        {user && (
          <Actions
            user={user}
            onAsk={(change) => {
              asked.value = change;
            }}
          />
        )}
      </header>
      {!user && (
        <p class="notice info">
          <Icon name="info" />{' '}
          <span>
            {A.gone(name)} {mayAudit.value && <a href={hrefOf({ page: 'audit', who: name })}>{A.trail(name)}</a>}
          </span>
        </p>
      )}
      {user && <AllowedForm user={user} table={users} onDone={() => void load()} />}
      {user && <Sessions whose={{ user: name }} key={JSON.stringify(user)} />}
      {user && <Tokens whose={{ user: name }} key={JSON.stringify(user)} />}
      {asked.value && <ChangeQuestion change={asked.value} onClose={close} onDone={done} />}
    </>
  );
}
