/* What can be chosen for an action: the grace time of a delete, the pace of a retry, no reload for a release, a note. */
import type { Action } from '../api/types';
import type { JobOptions } from '../state/jobs';
import { W } from '../words';
import { actionDialogWords as D } from '../words/actionDialog';

interface Props {
  action: Action;
  options: JobOptions;
  onChange: (options: JobOptions) => void;
}

const GRACE = [300, 900, 3600, 86_400, 0];
const RATES = [0, 5, 30, 120, 600];

function Choice({
  label,
  value,
  values,
  name,
  onChange,
}: {
  label: string;
  value: number;
  values: number[];
  name: (value: number) => string;
  onChange: (value: number) => void;
}) {
  return (
    <label class="field inline">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(Number(event.currentTarget.value))}>
        {values.map((each) => (
          <option key={each} value={each}>
            {name(each)}
          </option>
        ))}
      </select>
    </label>
  );
}

export function Options({ action, options, onChange }: Props) {
  return (
    <div class="options">
      {action === 'delete' && (
        <Choice
          label={D.grace}
          value={options.undo_seconds ?? 300}
          values={GRACE}
          name={D.graceName}
          onChange={(value) => onChange({ ...options, undo_seconds: value })}
        />
      )}
      {action === 'retry' && (
        <Choice
          label={D.pace}
          value={options.rate ?? 0}
          values={RATES}
          name={D.paceName}
          onChange={(value) => onChange({ ...options, rate: value > 0 ? value : undefined })}
        />
      )}
      {action === 'release' && (
        <label class="tick">
          <input
            type="checkbox"
            checked={options.no_reload ?? false}
            onChange={(event) => onChange({ ...options, no_reload: event.currentTarget.checked || undefined })}
          />
          <span>{D.noReload}</span>
        </label>
      )}
      <label class="field inline grow">
        <span>{W.ask.note}</span>
        <input
          type="text"
          maxLength={1000}
          value={options.note ?? ''}
          onInput={(event) => onChange({ ...options, note: event.currentTarget.value || undefined })}
        />
      </label>
    </div>
  );
}
