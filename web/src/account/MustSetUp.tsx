/* All that is shown to somebody who has to set up a one-time password before anything else. */
import { readMe, me, signOut } from '../state/session';
import { Icon } from '../ui/Icon';
import { W } from '../words';
import { oneTimeWords as O } from '../words/oneTime';
import { SetUp } from './SetUp';

export function MustSetUp() {
  return (
    <main class="sign-in must">
      <section class="card account-card" aria-labelledby="must">
        <h1 id="must">{O.title}</h1>
        <p>{O.required}</p>
        <SetUp onDone={() => void readMe()} />
        <hr />
        <p class="muted small-text">
          {me.value?.name}{' '}
          <button type="button" class="link" onClick={() => void signOut()}>
            <Icon name="log-out" /> {W.signOut}
          </button>
        </p>
      </section>
    </main>
  );
}
