/* The password that somebody has signed in with, once more: an open browser alone is not enough for what follows. */
import { useId } from 'preact/hooks';
import { accountPageWords as A } from '../words/accountPage';

const P = A.password;

interface Props {
  value: string;
  /** The server has said that it is wrong. */
  wrong: boolean;
  onInput: (value: string) => void;
}

export function PresentPassword({ value, wrong, onInput }: Props) {
  const id = useId();
  return (
    <label class="field grow">
      <span>{P.present}</span>
      <input
        type="password"
        autocomplete="current-password"
        required
        maxLength={1024}
        value={value}
        aria-invalid={wrong ? true : undefined}
        aria-describedby={wrong ? id : undefined}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      {wrong && (
        <span id={id} class="field-error" role="alert">
          {P.wrong}
        </span>
      )}
    </label>
  );
}
