/* Who is there? By name and password; with a one-time password in two steps. */
import { useSignal } from '@preact/signals';
import { challenge, sessionProblem, signIn } from '../state/session';
import { LanguageChoice } from '../ui/LanguageChoice';
import { lazy } from '../ui/lazy';
import { Problem } from '../ui/Problem';
import { W } from '../words';
import { Issuer } from './Issuer';

const SecondStep = lazy(async () => (await import('./SecondStep')).SecondStep);

function FirstStep() {
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
      <Issuer />
      <p class="muted small-text">
        {W.signIn.first} <code>postroom user add NAME --role admin</code>
      </p>
      <LanguageChoice />
    </form>
  );
}

export function SignIn() {
  return <main class="sign-in">{challenge.value === null ? <FirstStep /> : <SecondStep />}</main>;
}
