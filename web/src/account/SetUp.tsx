/* Sets up a one-time password: a picture for the app, the code that it shows, and the recovery codes, once. */
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { CopyButton, Problem } from '../ui/Problem';
import { W } from '../words';
import { oneTimeWords as O } from '../words/oneTime';
import { Codes } from './Codes';
import { PresentPassword } from './PresentPassword';
import { qrCode, qrPath } from './qr';
import { useSetUp } from './useOneTime';

/* Light around the code, in modules: without it no camera finds the corners. */
const QUIET = 4;

function QrCode({ text }: { text: string }) {
  const grid = useMemo(() => qrCode(text), [text]);
  if (!grid) return null; /* the key below can be typed */
  const side = grid.length + 2 * QUIET;
  return (
    <svg class="qr" viewBox={`${-QUIET} ${-QUIET} ${side} ${side}`} role="img" aria-label={O.picture} shape-rendering="crispEdges">
      <path d={qrPath(grid)} />
    </svg>
  );
}

const inFours = (secret: string): string => secret.match(/.{1,4}/g)?.join(' ') ?? '';

export function CodeField({ label, value, onInput }: { label: string; value: string; onInput: (value: string) => void }) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        class="code"
        autocomplete="one-time-code"
        autocapitalize="off"
        spellcheck={false}
        required
        maxLength={40}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  );
}

/** The key for whoever can't scan, in groups of four. */
function Key({ secret }: { secret: string }) {
  return (
    <p class="muted small-text">
      {O.byHand} <br />
      <code class="secret-key">{inFours(secret)}</code> <CopyButton text={secret} />
    </p>
  );
}

/** `onDone`: it is set up and the recovery codes are kept. */
export function SetUp({ onDone, onClose }: { onDone: () => void; onClose?: () => void }) {
  const { secret, codes, problem, begin, confirm } = useSetUp();
  const present = useSignal('');
  const code = useSignal('');
  const busy = useSignal(false);
  if (codes.value) return <Codes codes={codes.value} onDone={onDone} />;
  const wrong = problem.value?.code === 'otp_wrong';
  const notHis = problem.value?.code === 'password_wrong';
  const submit = async (event: Event) => {
    event.preventDefault();
    busy.value = true;
    await (secret.value ? confirm(code.value.trim()) : begin(present.value));
    busy.value = false;
    code.value = present.value = '';
  };
  return (
    <form class="account-form" onSubmit={submit} aria-label={O.title}>
      {secret.value && (
        <div class="set-up">
          <QrCode text={secret.value.address} />
          <ol>
            <li>
              {O.scan}
              <Key secret={secret.value.secret} />
            </li>
            <li>
              {O.enter}
              <CodeField
                label={O.step.code}
                value={code.value}
                onInput={(value) => {
                  code.value = value;
                }}
              />
              {wrong && (
                <p class="field-error" role="alert">
                  {O.wrong}
                </p>
              )}
            </li>
          </ol>
        </div>
      )}
      {!secret.value && (
        <>
          <p class="muted">{O.first}</p>
          <PresentPassword
            value={present.value}
            wrong={notHis}
            onInput={(value) => {
              present.value = value;
            }}
          />
        </>
      )}
      {problem.value && !wrong && !notHis && <Problem problem={problem.value} />}
      <div class="actions">
        <button type="submit" class="button primary" disabled={busy.value}>
          {secret.value ? O.confirm : O.goOn}
        </button>
        {onClose && (
          <button type="button" class="button" onClick={onClose}>
            {W.cancel}
          </button>
        )}
      </div>
    </form>
  );
}
