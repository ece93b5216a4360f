/* The heartbeat: an address of a watching service that is called again and again; when the calls stop, it alerts. */
import { useSignal } from '@preact/signals';
import type { AlertChannels } from '../api/types';
import { maySet } from '../state/session';
import { say } from '../state/toasts';
import { Dialog } from '../ui/Dialog';
import { Icon } from '../ui/Icon';
import { Text } from '../ui/Text';
import { Relative } from '../ui/Time';
import { alertsPageWords as A } from '../words/alerts';
import { memberOfHeartbeat } from './ChannelFields';
import { keep } from './draft';
import { FormButtons, TextField, Tick } from './Fields';
import { SaveProblem } from './SaveProblem';
import { readChannels, writeChannels } from './useAlerts';
import { useSave } from './useSave';

const H = A.heartbeat;
type Beat = AlertChannels['heartbeat'];

const SPANS = [30, 60, 300, 600, 1800, 3600];

function HeartbeatDialog({ channels, onClose, onSaved }: { channels: AlertChannels; onClose: () => void; onSaved: () => void }) {
  const first = channels.heartbeat;
  const url = useSignal('');
  const every = useSignal(first.url === null ? 60 : first.every_s);
  const enabled = useSignal(first.url === null || first.enabled);
  const local = useSignal(first.allow_local);
  const saving = useSave(channels, readChannels);
  const spans = SPANS.includes(first.every_s) ? SPANS : [...SPANS, first.every_s].sort((a, b) => a - b);
  const wrong = memberOfHeartbeat(saving.problem) === 'url' ? (saving.problem ?? undefined) : undefined;
  const save = async (event: Event) => {
    event.preventDefault();
    const beat = {
      enabled: enabled.value,
      every_s: every.value,
      allow_local: local.value,
      ...(url.value.trim() ? { url: url.value.trim() } : {}),
    };
    if (!(await saving.save((base) => writeChannels(base.revision, base.channels.map(keep), beat)))) return;
    say(H.saved);
    onSaved();
  };
  return (
    <Dialog title={H.title} onClose={onClose} class="alert-dialog">
      <form onSubmit={save}>
        <p>{H.what}</p>
        <TextField
          label={H.url}
          inputMode="url"
          first
          required={first.url === null && enabled.value}
          placeholder={first.url !== null ? A.fields.urlKept(first.url) : H.urlHint}
          hint={first.url !== null ? A.fields.urlKeep : undefined}
          value={url.value}
          problem={wrong}
          onInput={(text) => {
            url.value = text;
          }}
        />
        <label class="field">
          <span>{H.every}</span>
          <select
            value={every.value}
            onChange={(event) => {
              every.value = Number(event.currentTarget.value);
            }}
          >
            {spans.map((seconds) => (
              <option key={seconds} value={seconds}>
                {H.each(seconds)}
              </option>
            ))}
          </select>
        </label>
        <Tick
          label={A.fields.local}
          hint={H.localHint}
          checked={local.value}
          onChange={(checked) => {
            local.value = checked;
          }}
        />
        <Tick
          label={A.fields.enabled}
          checked={enabled.value}
          onChange={(checked) => {
            enabled.value = checked;
          }}
        />
        <SaveProblem saving={saving} said={wrong !== undefined} itemOf={({ heartbeat: { last: _, ...rest } }) => rest} />
        <FormButtons busy={saving.busy} name={A.save} onClose={onClose} />
      </form>
    </Dialog>
  );
}

function Last({ last }: { last: Beat['last'] }) {
  if (!last) return <p class="muted">{H.not}</p>;
  return (
    <p>
      <span class={`alert-state ${last.ok ? 'sent' : 'given_up'}`}>
        <Icon name={last.ok ? 'circle-check' : 'circle-alert'} /> {last.ok ? H.good : H.bad}
      </span>{' '}
      <Relative at={last.at} />{' '}
      <span class="muted">
        <Text text={last.text} />
      </span>
    </p>
  );
}

export function HeartbeatCard({ channels, heartbeat, onDone }: { channels: AlertChannels; heartbeat: Beat; onDone: () => void }) {
  const open = useSignal(false);
  const close = () => {
    open.value = false;
  };
  return (
    <section class="card heartbeat" aria-labelledby="heartbeat">
      <h2 id="heartbeat">
        <Icon name="heart-pulse" /> {H.title}
      </h2>
      {heartbeat.url === null ? <p>{H.none}</p> : !heartbeat.enabled ? <p>{H.off}</p> : null}
      {heartbeat.url !== null && heartbeat.enabled && (
        <>
          <p>{H.to(heartbeat.url, heartbeat.every_s)}</p>
          <Last last={heartbeat.last} />
        </>
      )}
      <p class="muted">{H.what}</p>
      {maySet.value && (
        <button
          type="button"
          class="button small"
          onClick={() => {
            open.value = true;
          }}
        >
          <Icon name={heartbeat.url === null ? 'plus' : 'pencil'} /> {heartbeat.url === null ? H.set : H.change}
        </button>
      )}
      {open.value && (
        <HeartbeatDialog
          channels={channels}
          onClose={close}
          onSaved={() => {
            close();
            onDone();
          }}
        />
      )}
    </section>
  );
}
