/* A channel is added or changed: its kind first, then only what that kind needs. */
import { useSignal } from '@preact/signals';
import type { AlertChannel, AlertChannels, AlertKind } from '../api/types';
import { say } from '../state/toasts';
import { Dialog } from '../ui/Dialog';
import { Icon } from '../ui/Icon';
import { alertsPageWords as A } from '../words/alerts';
import { ChannelFields, memberOf } from './ChannelFields';
import { type Draft, draftOf, idOf, keepHeartbeat, withDraft } from './draft';
import { FormButtons, Tick } from './Fields';
import { KIND_NAMES, KINDS } from './kinds';
import { SaveProblem } from './SaveProblem';
import { readChannels, writeChannels } from './useAlerts';
import { useSave } from './useSave';
import { tellOfEverything } from './everything';

/** The kinds, each with one sentence. */
export function KindList({ onChoose }: { onChoose: (kind: AlertKind) => void }) {
  return (
    <ul class="kind-list">
      {KIND_NAMES.map((kind) => (
        <li key={kind}>
          <button type="button" class="kind" onClick={() => onChoose(kind)}>
            <Icon name={KINDS[kind].icon} />
            <strong>{A.kinds[kind].name}</strong>
            <span class="muted">{A.kinds[kind].what}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** What people set of a channel: how it does is no change of theirs. */
function settingsOf({ channels }: AlertChannels, wanted: string | undefined): unknown {
  const found = channels.find(({ id }) => id === wanted);
  return found && { ...found, failing_since: null };
}

/** The member of the API that a field of the form stands for. */
function memberFor(field: string, draft: Draft): string {
  if (field !== 'token') return field;
  return `headers[${draft.headers.filter(({ name }) => name.trim() !== '').length}].value`;
}

interface Props {
  channels: AlertChannels;
  /** null: a new one. */
  channel: AlertChannel | null;
  kind: AlertKind;
  /** Whether a new one is told of everything unless one says otherwise. */
  everything: boolean;
  onKind: (() => void) | undefined;
  onClose: () => void;
  onSaved: (id: string, fresh: boolean) => void;
}

export function ChannelDialog({ channels, channel, kind, everything, onKind, onClose, onSaved }: Props) {
  const draft = useSignal<Draft>(draftOf(kind, channel, A.kinds[kind].name));
  const tell = useSignal(everything);
  const saving = useSave(channels, readChannels);
  const index = saving.base.channels.findIndex(({ id }) => id === draft.value.id);
  const at = index < 0 ? saving.base.channels.length : index;
  const member = memberOf('channels', at, saving.problem);
  const wrong = (field: string) => {
    const wanted = memberFor(field, draft.value);
    return member === wanted || (member?.startsWith(`${wanted}[`) && !/^headers/.test(field)) ? (saving.problem ?? undefined) : undefined;
  };
  const said = [
    'name',
    'id',
    'url',
    'hmac',
    'template',
    'command',
    'arguments',
    'relay',
    'from',
    'to',
    'user',
    'password',
    'limit_per_hour',
  ]
    .concat(kind === 'matrix' || kind === 'ntfy' ? ['token'] : [])
    .concat(draft.value.headers.flatMap((_, header) => [`headers[${header}].name`, `headers[${header}].value`]))
    .some((field) => wrong(field));
  const save = async (event: Event) => {
    event.preventDefault();
    const taken = saving.base.channels.map(({ id }) => id);
    const written = { ...draft.value, id: draft.value.id || idOf(draft.value.name, taken) };
    const now = await saving.save((base) => writeChannels(base.revision, withDraft(base.channels, written), keepHeartbeat(base.heartbeat)));
    if (!now) return;
    if (channel === null && tell.value) await tellOfEverything(written.id);
    say(A.channels.saved(written.name));
    onSaved(written.id, channel === null);
  };
  return (
    <Dialog title={channel ? A.channels.editTitle(channel.name) : A.channels.newTitle} onClose={onClose} class="alert-dialog">
      <form onSubmit={save} noValidate={false}>
        <p class="kind-line">
          <Icon name={KINDS[kind].icon} /> <strong>{A.kinds[kind].name}.</strong> {A.kinds[kind].what}{' '}
          {onKind && (
            <button type="button" class="link" onClick={onKind}>
              {A.channels.otherKind}
            </button>
          )}
        </p>
        <ChannelFields
          draft={draft.value}
          wrong={wrong}
          change={(change) => {
            draft.value = { ...draft.value, ...change };
          }}
        />
        {channel === null && (
          <Tick
            label={A.fields.everything}
            hint={A.fields.everythingWhat}
            checked={tell.value}
            onChange={(checked) => {
              tell.value = checked;
            }}
          />
        )}
        <SaveProblem saving={saving} said={said} itemOf={(read) => settingsOf(read, channel?.id)} />
        <FormButtons busy={saving.busy} name={channel ? A.save : A.saveAndTest} onClose={onClose} />
      </form>
    </Dialog>
  );
}
