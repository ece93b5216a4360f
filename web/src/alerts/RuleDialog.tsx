/* A rule is added or changed; what it says is read out while it is made. */
import { useSignal } from '@preact/signals';
import type { AlertRule } from '../api/types';
import { say } from '../state/toasts';
import { Dialog } from '../ui/Dialog';
import { Text } from '../ui/Text';
import { W } from '../words';
import { alertsPageWords as A } from '../words/alerts';
import { memberOf } from './ChannelFields';
import { Choices, HoursField, Select } from './Choices';
import { idOf } from './draft';
import { FormButtons, TextField, Tick } from './Fields';
import { nameIn, ruleText } from './ruleText';
import { SaveProblem } from './SaveProblem';
import { type Alerts, readRules, writeRules } from './useAlerts';
import { useSave } from './useSave';

const R = A.rules;
const KINDS = Object.keys(W.incidents.kind) as AlertRule['kinds'];
const SEVERITIES = Object.keys(W.incidents.severity) as AlertRule['severities'];
const GROUPS = Object.keys(R.groups) as AlertRule['group'][];
const FIELDS = ['name', 'id', 'key', 'channels', 'hours', 'quiet'] as const;

const fresh = (channels: string[]): AlertRule => ({
  id: '',
  name: '',
  enabled: true,
  kinds: [],
  severities: ['act'],
  key: null,
  channels: channels.length === 1 ? channels : [],
  hours: null,
  quiet: null,
  group: 'none',
  group_wait_s: 0,
  repeat_s: 4 * 3600,
  resolved: true,
});

/** Spans of a list of choices, with the one that is set where it is none of them. */
const spans = (named: Record<number, string>, set: number, words: (seconds: number) => string): [string, string][] => {
  const all = Object.entries(named).map(([seconds, name]): [string, string] => [seconds, name]);
  return named[set] === undefined ? [...all, [String(set), words(set)]] : all;
};

export function RuleDialog({
  alerts,
  rule,
  onClose,
  onSaved,
}: {
  alerts: Alerts;
  rule: AlertRule | null;
  onClose: () => void;
  onSaved: () => void;
}) {
  const { channels } = alerts.channels;
  const draft = useSignal<AlertRule>(rule ?? fresh(channels.map(({ id }) => id)));
  const tried = useSignal(false);
  const saving = useSave(alerts.rules, readRules);
  const change = (part: Partial<AlertRule>) => {
    draft.value = { ...draft.value, ...part };
  };
  const now = draft.value;
  const at = saving.base.rules.findIndex(({ id }) => id === now.id);
  const member = memberOf('rules', at < 0 ? saving.base.rules.length : at, saving.problem);
  const wrong = (field: (typeof FIELDS)[number]) => (member?.split(/[.[]/)[0] === field ? (saving.problem ?? undefined) : undefined);
  const missing = tried.value && now.channels.length === 0;
  const save = async (event: Event) => {
    event.preventDefault();
    tried.value = true;
    if (now.channels.length === 0) return;
    const written = { ...now, name: now.name.trim(), key: now.key?.trim() || null };
    const stored = await saving.save((base) => {
      written.id ||= idOf(
        written.name,
        base.rules.map(({ id }) => id),
      );
      const known = base.rules.some(({ id }) => id === written.id);
      return writeRules(
        base.revision,
        known ? base.rules.map((each) => (each.id === written.id ? written : each)) : [...base.rules, written],
      );
    });
    if (!stored) return;
    say(R.saved(written.name));
    onSaved();
  };
  return (
    <Dialog title={rule ? R.editTitle(rule.name) : R.newTitle} onClose={onClose} class="alert-dialog">
      <form onSubmit={save}>
        <p class="rule-reads" role="status">
          <span class="muted">{R.reads}</span> <Text text={ruleText(now, nameIn(alerts.channels))} />
        </p>
        <TextField
          label={R.name}
          required
          first={!rule}
          maxLength={100}
          hint={R.nameHint}
          value={now.name}
          problem={wrong('name') ?? wrong('id')}
          onInput={(name) => change({ name })}
        />
        <Choices
          legend={R.channels}
          options={channels.map(({ id, name }) => [id, name])}
          chosen={now.channels}
          problem={missing ? R.needsChannel : wrong('channels')?.detail}
          onChange={(list) => change({ channels: list })}
        />
        <Choices
          legend={R.severities}
          options={SEVERITIES.map((each) => [each, W.incidents.severity[each]])}
          chosen={now.severities}
          onChange={(list) => change({ severities: list as AlertRule['severities'] })}
        />
        <details class="more-fields" open={now.kinds.length > 0 || now.key !== null}>
          <summary>{R.which}</summary>
          <Choices
            legend={R.kinds}
            hint={R.kindsHint}
            options={KINDS.map((each) => [each, W.incidents.kind[each]])}
            chosen={now.kinds}
            onChange={(list) => change({ kinds: list as AlertRule['kinds'] })}
          />
          <TextField
            label={R.key}
            hint={R.keyHint}
            maxLength={500}
            value={now.key ?? ''}
            problem={wrong('key')}
            onInput={(key) => change({ key: key === '' ? null : key })}
          />
        </details>
        <Select
          label={R.repeat}
          value={String(now.repeat_s)}
          options={spans(R.repeats, now.repeat_s, A.heartbeat.each)}
          onChange={(value) => change({ repeat_s: Number(value) })}
        />
        <details class="more-fields" open={now.hours !== null || now.quiet !== null || now.group !== 'none' || now.group_wait_s > 0}>
          <summary>{R.when}</summary>
          <HoursField label={R.hours} hours={now.hours} outside problem={wrong('hours')} onChange={(hours) => change({ hours })} />
          <HoursField
            label={R.quiet}
            hint={R.quietHint}
            hours={now.quiet}
            problem={wrong('quiet')}
            onChange={(quiet) => change({ quiet })}
          />
          <Select
            label={R.group}
            value={now.group}
            options={GROUPS.map((each) => [each, R.groups[each]])}
            onChange={(group) => change({ group: group as AlertRule['group'] })}
          />
          <Select
            label={R.wait}
            value={String(now.group_wait_s)}
            options={spans(R.waits, now.group_wait_s, A.sentence.span)}
            onChange={(value) => change({ group_wait_s: Number(value) })}
          />
        </details>
        <Tick label={R.resolved} checked={now.resolved} onChange={(resolved) => change({ resolved })} />
        <Tick label={R.enabled} checked={now.enabled} onChange={(enabled) => change({ enabled })} />
        <SaveProblem
          saving={saving}
          said={FIELDS.some((field) => wrong(field))}
          itemOf={(read) => read.rules.find(({ id }) => id === rule?.id)}
        />
        <FormButtons busy={saving.busy} name={A.save} onClose={onClose} />
      </form>
    </Dialog>
  );
}
