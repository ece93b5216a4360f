/* Silences alerts until a time; of one incident, or of what one chooses. */
import { useSignal } from '@preact/signals';
import { problemIn } from '../api/client';
import type { AlertSilence, Incident, Problem as ProblemData } from '../api/types';
import { when } from '../lib/format';
import { now } from '../state/clock';
import { say } from '../state/toasts';
import { Dialog } from '../ui/Dialog';
import { Problem } from '../ui/Problem';
import { W } from '../words';
import { alertsPageWords as A } from '../words/alerts';
import { Select } from './Choices';
import { FormButtons, TextField } from './Fields';
import { aboutText } from './silenceText';
import { silence } from './useAlerts';

const S = A.silences;
const HOUR_MS = 3_600_000;
const HOURS = Object.keys(S.forSpan).map(Number);
const MORNING = 8;

/** The next morning that is a while away, in the reader's zone. */
export function morning(from: number): number {
  const at = new Date(from);
  at.setDate(at.getDate() + 1);
  return at.setHours(MORNING, 0, 0, 0);
}

/** A time as a field of date and time has it: local, to the minute. */
const fieldTime = (at: number): string => new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

function Until({ begun, value, onChange }: { begun: number; value: number; onChange: (at: number) => void }) {
  const choices: [number, string][] = [
    ...HOURS.map((hours): [number, string] => [begun + hours * HOUR_MS, S.forSpan[hours]!]),
    [morning(begun), S.tomorrow],
  ];
  return (
    <fieldset class="choices">
      <legend>{S.until}</legend>
      <div class="segments" role="group" aria-label={S.until}>
        {choices.map(([at, name]) => (
          <button key={name} type="button" aria-pressed={value === at} onClick={() => onChange(at)}>
            {name}
          </button>
        ))}
      </div>
      <label class="until">
        <span class="visually-hidden">{S.own}</span>
        <input
          type="datetime-local"
          required
          value={fieldTime(value)}
          min={fieldTime(begun)}
          onInput={(event) => {
            const at = new Date(event.currentTarget.value).getTime();
            if (!Number.isNaN(at)) onChange(at);
          }}
        />
      </label>
    </fieldset>
  );
}

type About = Pick<AlertSilence, 'kind' | 'key' | 'severity'>;

function AboutFields({ about, onChange }: { about: About; onChange: (about: About) => void }) {
  const kinds = Object.entries(W.incidents.kind) as [string, string][];
  const severities = Object.entries(W.incidents.severity) as [string, string][];
  return (
    <>
      <Select
        label={S.kind}
        value={about.kind ?? ''}
        options={[['', S.anyKind], ...kinds]}
        onChange={(kind) => onChange({ ...about, kind: (kind || null) as About['kind'] })}
      />
      <TextField
        label={S.key}
        hint={S.keyHint}
        maxLength={500}
        value={about.key ?? ''}
        onInput={(key) => onChange({ ...about, key: key || null })}
      />
      <Select
        label={S.severity}
        value={about.severity ?? ''}
        options={[['', S.anySeverity], ...severities]}
        onChange={(severity) => onChange({ ...about, severity: (severity || null) as About['severity'] })}
      />
    </>
  );
}

interface Props {
  incident?: Pick<Incident, 'kind' | 'subject' | 'title'>;
  onClose: () => void;
  onDone: () => void;
}

export function SilenceDialog({ incident, onClose, onDone }: Props) {
  const about = useSignal<About>({ kind: incident?.kind ?? null, key: incident?.subject.key || null, severity: null });
  const begun = useSignal(Date.now()).value;
  const until = useSignal(begun + HOURS[1]! * HOUR_MS);
  const reason = useSignal('');
  const busy = useSignal(false);
  const problem = useSignal<ProblemData | null>(null);
  const save = async (event: Event) => {
    event.preventDefault();
    busy.value = true;
    try {
      const made = await silence({ ...about.value, until: new Date(until.value).toISOString(), reason: reason.value.trim() });
      say(S.done(when(made.until, now.value)));
      onDone();
    } catch (error) {
      problem.value = problemIn(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <Dialog title={incident ? S.titleOf(aboutText(about.value)) : S.title} onClose={onClose} class="alert-dialog">
      <form onSubmit={save}>
        <p class="muted">{incident ? S.ofIncidentWhat : S.what}</p>
        {!incident && (
          <AboutFields
            about={about.value}
            onChange={(next) => {
              about.value = next;
            }}
          />
        )}
        <Until
          begun={begun}
          value={until.value}
          onChange={(at) => {
            until.value = at;
          }}
        />
        <TextField
          label={S.reason}
          required
          first
          maxLength={500}
          hint={S.reasonHint}
          value={reason.value}
          onInput={(text) => {
            reason.value = text;
          }}
        />
        {problem.value && <Problem problem={problem.value} />}
        <FormButtons busy={busy.value} name={S.set} onClose={onClose} />
      </form>
    </Dialog>
  );
}
