/* The rules, each as a sentence. */
import { useSignal } from '@preact/signals';
import type { AlertRule } from '../api/types';
import { maySet } from '../state/session';
import { say } from '../state/toasts';
import { Icon } from '../ui/Icon';
import { Text } from '../ui/Text';
import { alertsPageWords as A } from '../words/alerts';
import { RemoveDialog } from './RemoveDialog';
import { RuleDialog } from './RuleDialog';
import { nameIn, ruleText } from './ruleText';
import { type Alerts, readRules, writeRules } from './useAlerts';
import { useSave } from './useSave';

const R = A.rules;

function RuleCard({ rule, alerts, onEdit, onRemove }: { rule: AlertRule; alerts: Alerts; onEdit: () => void; onRemove: () => void }) {
  return (
    <li class={`card rule ${rule.enabled ? '' : 'off'}`} aria-label={rule.name}>
      <h3>
        <Text text={rule.name} /> {!rule.enabled && <span class="muted">{R.off}</span>}
      </h3>
      <p>
        <Text text={ruleText(rule, nameIn(alerts.channels))} />
      </p>
      {maySet.value && (
        <div class="actions">
          <button type="button" class="button small" aria-label={A.of(A.edit, rule.name)} onClick={onEdit}>
            <Icon name="pencil" /> {A.edit}
          </button>
          <button type="button" class="button small" aria-label={A.of(A.remove, rule.name)} onClick={onRemove}>
            <Icon name="trash-2" /> {A.remove}
          </button>
        </div>
      )}
    </li>
  );
}

function Removal({ alerts, rule, onClose, onDone }: { alerts: Alerts; rule: AlertRule; onClose: () => void; onDone: () => void }) {
  const saving = useSave(alerts.rules, readRules);
  return (
    <RemoveDialog
      title={R.removeAsk(rule.name)}
      saving={saving}
      itemOf={(read) => read.rules.find(({ id }) => id === rule.id)}
      onClose={onClose}
      onSubmit={async () => {
        const now = await saving.save((base) =>
          writeRules(
            base.revision,
            base.rules.filter(({ id }) => id !== rule.id),
          ),
        );
        if (!now) return;
        say(R.removed(rule.name));
        onDone();
      }}
    >
      <p>{R.removeWhat}</p>
    </RemoveDialog>
  );
}

type Asked = { what: 'new' } | { what: 'edit' | 'remove'; rule: AlertRule };

export function Rules({ alerts, onDone }: { alerts: Alerts; onDone: () => void }) {
  const asked = useSignal<Asked | null>(null);
  const close = () => {
    asked.value = null;
  };
  const done = () => {
    close();
    onDone();
  };
  const now = asked.value;
  const none = alerts.channels.channels.length === 0;
  return (
    <>
      <p class="muted">{R.what}</p>
      {maySet.value && none && <p class="card muted">{R.noChannel}</p>}
      {maySet.value && !none && (
        <button
          type="button"
          class="button primary alert-add"
          onClick={() => {
            asked.value = { what: 'new' };
          }}
        >
          <Icon name="plus" /> {R.add}
        </button>
      )}
      {alerts.rules.rules.length === 0 && <p class="card muted">{R.none}</p>}
      <ul class="channel-list">
        {alerts.rules.rules.map((rule) => (
          <RuleCard
            key={rule.id}
            rule={rule}
            alerts={alerts}
            onEdit={() => {
              asked.value = { what: 'edit', rule };
            }}
            onRemove={() => {
              asked.value = { what: 'remove', rule };
            }}
          />
        ))}
      </ul>
      {now?.what === 'remove' && <Removal alerts={alerts} rule={now.rule} onClose={close} onDone={done} />}
      {now && now.what !== 'remove' && (
        <RuleDialog alerts={alerts} rule={now.what === 'edit' ? now.rule : null} onClose={close} onSaved={done} />
      )}
    </>
  );
}
