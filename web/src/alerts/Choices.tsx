/* Several of a few, one of a few, and hours of the day. */
import { useId } from 'preact/hooks';
import type { AlertHours } from '../api/types';
import { Icon } from '../ui/Icon';
import { alertsPageWords as A } from '../words/alerts';
import { type FieldProblem, Tick } from './Fields';

interface ChoicesProps {
  legend: string;
  hint?: string;
  options: [string, string][];
  chosen: readonly string[];
  problem?: string | undefined;
  onChange: (chosen: string[]) => void;
}

export function Choices({ legend, hint, options, chosen, problem, onChange }: ChoicesProps) {
  const id = useId();
  return (
    <fieldset class="choices" aria-describedby={problem ? id : undefined}>
      <legend>{legend}</legend>
      <div class="choice-list">
        {options.map(([value, name]) => (
          <label key={value}>
            <input
              type="checkbox"
              checked={chosen.includes(value)}
              onChange={(event) => {
                const on = event.currentTarget.checked;
                /* In the order of the options, however they were ticked. */
                onChange(options.map(([each]) => each).filter((each) => (each === value ? on : chosen.includes(each))));
              }}
            />
            {name}
          </label>
        ))}
      </div>
      {hint && <p class="muted small-text">{hint}</p>}
      {problem && (
        <p id={id} class="field-error" role="alert">
          <Icon name="circle-alert" /> {problem}
        </p>
      )}
    </fieldset>
  );
}

interface SelectProps {
  label: string;
  value: string;
  options: [string, string][];
  onChange: (value: string) => void;
}

export function Select({ label, value, options, onChange }: SelectProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([each, name]) => (
          <option key={each} value={each}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

const NIGHT: AlertHours = { from: '22:00', to: '07:00', days: [], outside: false };
const DAYS = Object.entries(A.rules.day) as [AlertHours['days'][number], string][];

interface HoursProps {
  label: string;
  hint?: string;
  hours: AlertHours | null;
  /** Whether they can be turned round. */
  outside?: boolean;
  problem?: FieldProblem | undefined;
  onChange: (hours: AlertHours | null) => void;
}

export function HoursField({ label, hint, hours, outside, problem, onChange }: HoursProps) {
  const change = (part: Partial<AlertHours>) => onChange({ ...hours!, ...part });
  const time = (name: 'from' | 'to') => (
    <label>
      {A.rules[name]} <input type="time" required value={hours![name]} onInput={(event) => change({ [name]: event.currentTarget.value })} />
    </label>
  );
  return (
    <div class="hours-field">
      <Tick label={label} hint={hint} checked={hours !== null} onChange={(on) => onChange(on ? NIGHT : null)} />
      {hours && (
        <div class="hours" role="group" aria-label={label}>
          {time('from')} {time('to')}
          {outside && <Tick label={A.rules.outside} checked={hours.outside} onChange={(turned) => change({ outside: turned })} />}
          <Choices
            legend={A.rules.days}
            hint={A.rules.daysHint}
            options={DAYS}
            chosen={hours.days}
            onChange={(days) => change({ days: days as AlertHours['days'] })}
          />
        </div>
      )}
      {problem && (
        <p class="field-error" role="alert">
          <Icon name="circle-alert" /> {problem.detail}
        </p>
      )}
    </div>
  );
}
