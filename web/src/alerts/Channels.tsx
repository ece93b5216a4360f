/* The channels with their health, and the heartbeat below them. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get } from '../api/client';
import type { Alert, AlertChannel, AlertKind } from '../api/types';
import { andList } from '../lib/format';
import { maySet } from '../state/session';
import { say } from '../state/toasts';
import { Dialog } from '../ui/Dialog';
import { Icon } from '../ui/Icon';
import { alertsPageWords as A } from '../words/alerts';
import { ChannelCard } from './ChannelCard';
import { ChannelDialog, KindList } from './ChannelDialog';
import { keep, keepHeartbeat } from './draft';
import { HeartbeatCard } from './Heartbeat';
import { RemoveDialog } from './RemoveDialog';
import { type Alerts, readChannels, readRules, writeChannels, writeRules } from './useAlerts';
import { testChannel } from './useTest';
import { useSave } from './useSave';

/* The most that one request gives. */
const MOST = 200;

/** The newest alert that each channel's other side has taken. */
function useLastTaken(version: unknown): ReadonlyMap<string, Alert> {
  const last = useSignal<ReadonlyMap<string, Alert>>(new Map());
  useEffect(() => {
    const stop = new AbortController();
    get<{ alerts: Alert[] }>('/alerts', { state: 'sent', limit: MOST }, stop.signal).then(
      ({ alerts }) => {
        last.value = new Map([...alerts].reverse().map((alert) => [alert.channel, alert]));
      },
      () => {} /* only how fresh each channel is is not told */,
    );
    return () => stop.abort();
  }, [version]);
  return last.value;
}

/** Rules of which one channel is taken out; those that had no other go. */
export const withoutChannel = <R extends { channels: string[] }>(rules: readonly R[], id: string): R[] =>
  rules.map((rule) => ({ ...rule, channels: rule.channels.filter((each) => each !== id) })).filter((rule) => rule.channels.length > 0);

async function removeChannel(id: string) {
  const { revision, rules } = await readRules();
  if (rules.some(({ channels }) => channels.includes(id))) await writeRules(revision, withoutChannel(rules, id));
  const now = await readChannels();
  const rest = now.channels.filter((channel) => channel.id !== id).map(keep);
  return writeChannels(now.revision, rest, keepHeartbeat(now.heartbeat));
}

function Removal({ alerts, channel, onClose, onDone }: { alerts: Alerts; channel: AlertChannel; onClose: () => void; onDone: () => void }) {
  const saving = useSave(alerts.channels, readChannels);
  const using = alerts.rules.rules.filter(({ channels }) => channels.includes(channel.id));
  const going = using.filter(({ channels }) => channels.length === 1);
  const staying = using.filter(({ channels }) => channels.length > 1);
  const names = (rules: typeof using): string => andList(rules.map(({ name }) => name));
  return (
    <RemoveDialog
      title={A.channels.removeAsk(channel.name)}
      saving={saving}
      itemOf={(read) => read.channels.find(({ id }) => id === channel.id)}
      onClose={onClose}
      onSubmit={async () => {
        if (!(await saving.save(() => removeChannel(channel.id)))) return;
        say(A.channels.removed(channel.name));
        onDone();
      }}
    >
      <p>{A.channels.removeWhat}</p>
      {staying.length > 0 && <p>{A.channels.removeUsed(names(staying))}</p>}
      {going.length > 0 && (
        <p class="notice warning">
          <Icon name="triangle-alert" /> {A.channels.removeRules(names(going))}
        </p>
      )}
    </RemoveDialog>
  );
}

type Asked = { what: 'kind' } | { what: 'new'; kind: AlertKind } | { what: 'edit' | 'remove'; channel: AlertChannel };

/** What can be asked for about channels, wherever it is begun. */
export function ChannelQuestions({ alerts, asked, onAsk, onDone }: QuestionProps) {
  if (!asked) return null;
  const close = () => onAsk(null);
  if (asked.what === 'kind')
    return (
      <Dialog title={A.channels.chooseKind} onClose={close} class="alert-dialog">
        <KindList onChoose={(kind) => onAsk({ what: 'new', kind })} />
      </Dialog>
    );
  if (asked.what === 'remove')
    return (
      <Removal
        alerts={alerts}
        channel={asked.channel}
        onClose={close}
        onDone={() => {
          close();
          onDone();
        }}
      />
    );
  const channel = asked.what === 'edit' ? asked.channel : null;
  return (
    <ChannelDialog
      channels={alerts.channels}
      channel={channel}
      kind={'channel' in asked ? asked.channel.kind : asked.kind}
      everything={alerts.rules.rules.length === 0}
      onKind={channel ? undefined : () => onAsk({ what: 'kind' })}
      onClose={close}
      onSaved={(id, fresh) => {
        close();
        if (fresh) void testChannel(id);
        onDone();
      }}
    />
  );
}

interface QuestionProps {
  alerts: Alerts;
  asked: Asked | null;
  onAsk: (asked: Asked | null) => void;
  onDone: () => void;
}

export type { Asked };

export function Channels({ alerts, onAsk, onDone }: Omit<QuestionProps, 'asked'>) {
  const { channels, heartbeat } = alerts.channels;
  const last = useLastTaken(alerts);
  return (
    <>
      {maySet.value && (
        <button type="button" class="button primary alert-add" onClick={() => onAsk({ what: 'kind' })}>
          <Icon name="plus" /> {A.channels.add}
        </button>
      )}
      {channels.length === 0 && <p class="card muted">{A.channels.none}</p>}
      <ul class="channel-list">
        {channels.map((channel) => (
          <ChannelCard
            key={channel.id}
            channel={channel}
            rules={alerts.rules.rules}
            last={last.get(channel.id)}
            onEdit={() => onAsk({ what: 'edit', channel })}
            onRemove={() => onAsk({ what: 'remove', channel })}
          />
        ))}
      </ul>
      <HeartbeatCard channels={alerts.channels} heartbeat={heartbeat} onDone={onDone} />
    </>
  );
}
