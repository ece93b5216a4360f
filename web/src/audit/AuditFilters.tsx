/* Which records are shown. All of it stands in the address. */
import { useEffect, useRef } from 'preact/hooks';
import { go, route } from '../state/route';
import { auditPageWords as A } from '../words/audit';

const SETTLE_MS = 500;
const FIELDS = ['who', 'message', 'job'] as const;
const OWN = 'own';

function TextFilter({ name, label }: { name: (typeof FIELDS)[number]; label: string }) {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const input = useRef<HTMLInputElement>(null);
  const value = route.value[name];
  useEffect(() => {
    if (input.current && input.current.value.trim() !== value) input.current.value = value;
    return () => clearTimeout(timer.current);
  }, [value]);
  const take = () => {
    clearTimeout(timer.current);
    go({ [name]: input.current!.value.trim() }, true);
  };
  return (
    <label class="field">
      <span>{label}</span>
      <input
        ref={input}
        type="text"
        spellcheck={false}
        autocapitalize="off"
        maxLength={100}
        placeholder={A.all}
        defaultValue={value}
        onInput={() => {
          clearTimeout(timer.current);
          timer.current = setTimeout(take, SETTLE_MS);
        }}
        onKeyDown={(event) => event.key === 'Enter' && take()}
        onBlur={take}
      />
    </label>
  );
}

/** A time of the address as the field of a form has it, in the reader's zone; and back. */
const toLocal = (time: string): string => {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return '';
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};
const fromLocal = (text: string): string => (text === '' ? '' : `${new Date(text).toISOString().slice(0, 19)}Z`);

function TimeField({ name, label }: { name: 'from' | 'to'; label: string }) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="datetime-local"
        value={toLocal(route.value[name])}
        onChange={(event) => go({ [name]: fromLocal(event.currentTarget.value) }, true)}
      />
    </label>
  );
}

function TimeFilter() {
  const { from, to } = route.value;
  const preset = /^\d+s$/.test(from) ? from : from === '' && to === '' ? '' : OWN;
  const choose = (value: string) => {
    if (value !== OWN) return go({ from: value, to: '' }, true);
    const now = Date.now();
    go({ from: `${new Date(now - 86_400_000).toISOString().slice(0, 17)}00Z`, to: '' }, true);
  };
  return (
    <>
      <label class="field">
        <span>{A.span}</span>
        <select value={preset} onChange={(event) => choose(event.currentTarget.value)}>
          <option value="">{A.anyTime}</option>
          {Object.entries(A.presets).map(([seconds, name]) => (
            <option key={seconds} value={`${seconds}s`}>
              {name}
            </option>
          ))}
          <option value={OWN}>{A.ownTime}</option>
        </select>
      </label>
      {preset === OWN && <TimeField name="from" label={A.between} />}
      {preset === OWN && <TimeField name="to" label={A.and} />}
    </>
  );
}

export function AuditFilters() {
  return (
    <search class="audit-filters" aria-label={A.filters}>
      <TextFilter name="who" label={A.who} />
      <label class="field">
        <span>{A.what}</span>
        <select value={route.value.action} onChange={(event) => go({ action: event.currentTarget.value }, true)}>
          <option value="">{A.all}</option>
          {Object.entries(A.action).map(([action, name]) => (
            <option key={action} value={action}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <TextFilter name="message" label={A.message} />
      <TextFilter name="job" label={A.job} />
      <TimeFilter />
    </search>
  );
}
