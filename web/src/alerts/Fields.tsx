/* The fields of the forms of alerts: text, lines, secrets, ticks. What is wrong with one is said below it. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { Problem } from '../api/types';
import { Icon } from '../ui/Icon';
import { Text } from '../ui/Text';
import { W } from '../words';
import { alertsPageWords as A } from '../words/alerts';
import { type Secret } from './draft';

/** What is wrong with a field, and where in its text. */
export type FieldProblem = Pick<Problem, 'detail' | 'column'>;

interface Props {
  label: string;
  hint?: ComponentChildren;
  problem?: FieldProblem | undefined;
  value: string;
  onInput: (value: string) => void;
}

const AROUND = 16;

/** The text around the place of the mistake. */
function Place({ text, column }: { text: string; column: number }) {
  const letters = [...text];
  const at = Math.min(Math.max(column - 1, 0), letters.length);
  const from = Math.max(0, at - AROUND);
  return (
    <code class="place">
      {from > 0 && '…'}
      {letters.slice(from, at).join('')}
      <mark>{letters.slice(at, at + AROUND).join('') || ' '}</mark>
      {at + AROUND < letters.length && '…'}
    </code>
  );
}

/** What is below a field: what it is for, and what is wrong with it. */
function Below({ id, hint, problem, value }: { id: string; hint?: ComponentChildren; problem?: FieldProblem; value: string }) {
  return (
    <>
      {hint && (
        <p id={`${id}-hint`} class="muted small-text">
          {hint}
        </p>
      )}
      {problem && (
        <p id={`${id}-problem`} class="field-error" role="alert">
          <Icon name="circle-alert" /> <Text text={problem.detail} />{' '}
          {problem.column !== undefined && <Place text={value} column={problem.column} />}
        </p>
      )}
    </>
  );
}

const described = (id: string, hint: unknown, problem: unknown): string | undefined =>
  [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ') || undefined;

interface TextProps extends Props {
  inputMode?: 'url' | 'numeric';
  required?: boolean;
  placeholder?: string;
  maxLength?: number;
  first?: boolean;
}

export function TextField({ label, hint, problem, value, onInput, first, ...rest }: TextProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        autocomplete="off"
        spellcheck={false}
        value={value}
        data-first={first || undefined}
        aria-invalid={problem ? true : undefined}
        aria-describedby={described(id, hint, problem)}
        onInput={(event) => onInput(event.currentTarget.value)}
        {...rest}
      />
      <Below id={id} hint={hint} problem={problem} value={value} />
    </div>
  );
}

export function LinesField({ label, hint, problem, value, onInput, rows = 3 }: Props & { rows?: number }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        rows={rows}
        spellcheck={false}
        value={value}
        aria-invalid={problem ? true : undefined}
        aria-describedby={described(id, hint, problem)}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <Below id={id} hint={hint} problem={problem} value={value} />
    </div>
  );
}

interface SecretProps {
  label: string;
  hint?: ComponentChildren;
  problem?: FieldProblem | undefined;
  value: Secret;
  required?: boolean;
  onChange: (value: Secret) => void;
}

/** A secret is written and never shown again: what is stored stays until something is typed, or it is forgotten. */
export function SecretField({ label, hint, problem, value, required, onChange }: SecretProps) {
  const id = useId();
  const { set, typed, forget } = value;
  const said = forget ? A.fields.willForget : hint;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="secret">
        <input
          id={id}
          type="password"
          autocomplete="new-password"
          required={required && !set}
          value={typed}
          placeholder={set && !forget ? A.fields.kept : ''}
          aria-invalid={problem ? true : undefined}
          aria-describedby={described(id, said, problem)}
          onInput={(event) => onChange({ set, typed: event.currentTarget.value, forget: false })}
        />
        {set && !required && typed === '' && (
          <button type="button" class="button small" onClick={() => onChange({ set, typed: '', forget: !forget })}>
            {forget ? A.fields.keep : A.fields.forget}
          </button>
        )}
      </div>
      <Below id={id} hint={said} problem={problem} value={typed} />
    </div>
  );
}

interface TickProps {
  label: string;
  hint?: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

export function Tick({ label, hint, checked, onChange }: TickProps) {
  return (
    <label class="tick">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>
        {label}
        {hint && <span class="muted small-text"> {hint}</span>}
      </span>
    </label>
  );
}

export function FormButtons({ busy, name, danger, onClose }: { busy: boolean; name: string; danger?: boolean; onClose: () => void }) {
  return (
    <div class="dialog-buttons">
      <button type="button" class="button" data-first={danger || undefined} onClick={onClose}>
        {W.cancel}
      </button>
      <button type="submit" class={`button primary ${danger ? 'danger' : ''}`} disabled={busy}>
        {name}
      </button>
    </div>
  );
}
