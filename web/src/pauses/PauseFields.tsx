/* What is to be held back, how, until when and why. */
import type { PauseKind } from '../api/types';
import { type PauseSubject, pauses } from '../state/pauses';
import { plain } from '../lib/text';
import { pauseDialogWords as D } from '../words/pauses';
import type { End } from './ends';

export interface PauseForm extends PauseSubject {
  subdomains: boolean;
  throttle: number;
  release: boolean;
  end: End;
  own: string;
  long: boolean;
  reason: string;
  confirm: string;
}

interface Props {
  form: PauseForm;
  offered: PauseSubject[];
  onChange: (change: Partial<PauseForm>) => void;
}

export const KINDS: PauseKind[] = ['domain', 'provider', 'sender', 'login'];

/** What may be meant: those that were offered, or any kind with a name that is written. */
function Subject({ form, offered, onChange }: Props) {
  const of = (subject: PauseSubject): string => `${subject.kind} ${subject.key}`;
  const listed = offered.length > 0;
  return (
    <>
      <label class="field">
        <span>{D.of}</span>
        {listed ? (
          <select
            value={of(form)}
            onChange={(event) => onChange(offered.find((each) => of(each) === event.currentTarget.value) ?? offered[0]!)}
          >
            {offered.map((each) => (
              <option key={of(each)} value={of(each)}>
                {`${D.key[each.kind]}: ${plain(each.key)}`}
              </option>
            ))}
          </select>
        ) : (
          <select value={form.kind} onChange={(event) => onChange({ kind: event.currentTarget.value as PauseKind })}>
            {KINDS.map((kind) => (
              <option key={kind} value={kind}>
                {D.kinds[kind][0]}
              </option>
            ))}
          </select>
        )}
      </label>
      {!listed && (
        <label class="field">
          <span>{D.key[form.kind]}</span>
          <input
            type="text"
            value={form.key}
            placeholder={D.example[form.kind]}
            maxLength={320}
            autocomplete="off"
            onInput={(event) => onChange({ key: event.currentTarget.value.trim() })}
          />
        </label>
      )}
      <p class="muted">{D.kinds[form.kind][1]}</p>
    </>
  );
}

function Throttle({ form, onChange }: Omit<Props, 'offered'>) {
  return (
    <label class="field inline">
      <span>{D.throttle}</span>
      <select value={form.throttle} onChange={(event) => onChange({ throttle: Number(event.currentTarget.value) })}>
        <option value={0}>{D.nothing}</option>
        {(pauses.value?.throttles ?? []).map((seconds) => (
          <option key={seconds} value={seconds}>
            {D.oneIn(seconds)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Tick({ checked, label, onChange }: { checked: boolean; label: string; onChange: (wanted: boolean) => void }) {
  return (
    <label class="tick">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}

export function PauseFields({ form, offered, onChange }: Props) {
  const held = form.kind === 'sender' || form.kind === 'login';
  return (
    <>
      <Subject form={form} offered={offered} onChange={onChange} />
      <div class="options">
        {!held && <Throttle form={form} onChange={onChange} />}
        <label class="field inline">
          <span>{D.end}</span>
          <select value={form.end} onChange={(event) => onChange({ end: event.currentTarget.value as End })}>
            {Object.entries(D.ends).map(([end, name]) => (
              <option key={end} value={end}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {form.end === 'own' && (
          <label class="field inline">
            <span>{D.own}</span>
            <input type="datetime-local" value={form.own} onInput={(event) => onChange({ own: event.currentTarget.value })} />
          </label>
        )}
        {form.kind === 'domain' && (
          <Tick checked={form.subdomains} label={D.subdomains} onChange={(subdomains) => onChange({ subdomains })} />
        )}
        {held && <Tick checked={form.release} label={D.release} onChange={(release) => onChange({ release })} />}
        {form.end === 'own' && <Tick checked={form.long} label={D.long} onChange={(long) => onChange({ long })} />}
      </div>
      <label class="field">
        <span>{D.reason}</span>
        <input
          type="text"
          data-first
          required
          maxLength={500}
          placeholder={D.reasonHint}
          value={form.reason}
          onInput={(event) => onChange({ reason: event.currentTarget.value })}
        />
      </label>
    </>
  );
}
