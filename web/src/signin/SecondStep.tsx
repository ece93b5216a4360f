/* The password was right; now the code of the app, or a recovery code. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { challenge, sessionProblem, signInCode } from '../state/session';
import { Problem } from '../ui/Problem';
import { oneTimeWords as O } from '../words/oneTime';

export function SecondStep() {
  const input = useRef<HTMLInputElement>(null);
  const code = useSignal('');
  const busy = useSignal(false);
  useEffect(() => input.current?.focus(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    busy.value = true;
    const signedIn = await signInCode(code.value.trim());
    busy.value = false;
    if (signedIn) return;
    code.value = '';
    input.current?.focus();
  };
  return (
    <form class="card" onSubmit={submit}>
      <h1>{O.step.title}</h1>
      <p class="muted" id="code-what">
        {O.step.what}
      </p>
      <label class="field">
        <span>{O.step.code}</span>
        <input
          ref={input}
          class="code"
          name="code"
          autocomplete="one-time-code"
          autocapitalize="off"
          spellcheck={false}
          required
          maxLength={40}
          aria-describedby="code-what"
          value={code.value}
          onInput={(event) => {
            code.value = event.currentTarget.value;
          }}
        />
      </label>
      {sessionProblem.value && <Problem problem={sessionProblem.value} />}
      <button type="submit" class="button primary wide" disabled={busy.value}>
        {O.step.button}
      </button>
      <button
        type="button"
        class="button quiet"
        onClick={() => {
          challenge.value = null;
          sessionProblem.value = null;
        }}
      >
        {O.step.back}
      </button>
    </form>
  );
}
