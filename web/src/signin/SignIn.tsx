import { useSignal } from '@preact/signals';
import { sessionProblem, signIn } from '../state/session';
import { Problem } from '../ui/Problem';
import { W } from '../words';

export function SignIn() {
  const name = useSignal('');
  const password = useSignal('');
  const busy = useSignal(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    busy.value = true;
    await signIn(name.value.trim(), password.value);
    busy.value = false;
    password.value = '';
  };
  return (
    <main class="sign-in">
      <form class="card" onSubmit={submit}>
        <h1>Postroom</h1>
        <p class="muted">{W.signIn.what}</p>
        <label class="field">
          <span>{W.signIn.name}</span>
          <input
            name="name"
            autocomplete="username"
            autocapitalize="off"
            spellcheck={false}
            required
            autofocus
            value={name.value}
            onInput={(event) => {
              name.value = event.currentTarget.value;
            }}
          />
        </label>
        <label class="field">
          <span>{W.signIn.password}</span>
          <input
            name="password"
            type="password"
            autocomplete="current-password"
            required
            value={password.value}
            onInput={(event) => {
              password.value = event.currentTarget.value;
            }}
          />
        </label>
        {sessionProblem.value && <Problem problem={sessionProblem.value} />}
        <button type="submit" class="button primary wide" disabled={busy.value}>
          {W.signIn.button}
        </button>
        <p class="muted small-text">
          {W.signIn.first} <code>postroom user add NAME --role admin</code>
        </p>
      </form>
    </main>
  );
}
