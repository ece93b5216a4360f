/* Alerts: whether somebody is called, what was sent, silences, channels, rules. */
import { useSignal } from '@preact/signals';
import { andList, sinceWhen, secondsBetween, span } from '../lib/format';
import { now } from '../state/clock';
import { hrefOf, route } from '../state/route';
import { maySet, scope } from '../state/session';
import { Icon } from '../ui/Icon';
import { NoRight } from '../ui/NoRight';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { W } from '../words';
import { alertsPageWords as A } from '../words/alerts';
import { type Asked, ChannelQuestions, Channels } from './Channels';
import { HeartbeatCard } from './Heartbeat';
import { KindList } from './ChannelDialog';
import { Rules } from './Rules';
import { Sent } from './Sent';
import { Silences } from './Silences';
import { type Alerts, useAlerts } from './useAlerts';
import { testFailed } from './useTest';

const TABS = ['sent', 'silences', 'channels', 'rules'] as const;
type Tab = (typeof TABS)[number];

/** Whether somebody would be called now, in sentences; the first is the one that counts. */
export function sentencesOf(
  { channels: { channels, heartbeat }, rules: { rules }, silences }: Alerts,
  at: number,
): { bad: boolean; text: string }[] {
  const on = channels.filter(({ enabled }) => enabled);
  const used = on.filter(({ id }) => rules.some((rule) => rule.enabled && rule.channels.includes(id)));
  const failing = on.filter(({ failing_since: since }) => since !== null);
  const said: { bad: boolean; text: string }[] = [];
  if (channels.length > 0 && on.length === 0) said.push({ bad: true, text: A.says.off });
  else if (channels.length > 0 && used.length === 0) said.push({ bad: true, text: A.says.noRule });
  for (const { name, failing_since: since } of failing) said.push({ bad: true, text: A.says.failing(name, sinceWhen(since!, at)) });
  const untaken = used.filter((channel) => !failing.includes(channel) && testFailed(channel.id));
  for (const { name } of untaken) said.push({ bad: true, text: A.says.testFailed(name) });
  const ready = used.filter((channel) => !failing.includes(channel) && !untaken.includes(channel));
  if (ready.length > 0) said.push({ bad: false, text: A.says.good(andList(ready.map(({ name }) => name))) });
  if (silences.length > 0) said.push({ bad: false, text: A.says.silences(silences.length) });
  const { last } = heartbeat;
  if (heartbeat.url === null || !heartbeat.enabled) said.push({ bad: false, text: A.says.heartbeatNone });
  else if (last && !last.ok) said.push({ bad: true, text: A.says.heartbeatBad });
  else if (last) said.push({ bad: false, text: A.says.heartbeat(W.ago(span(secondsBetween(last.at, at)))) });
  return said;
}

function Says({ alerts }: { alerts: Alerts }) {
  return (
    <p class="alert-says">
      {sentencesOf(alerts, now.value).map(({ bad, text }) => (
        <span key={text} class={bad ? 'bad' : ''}>
          {bad && <Icon name="circle-alert" />} <Text text={text} />
        </span>
      ))}
    </p>
  );
}

function Tabs({ tab, alerts }: { tab: Tab; alerts: Alerts }) {
  const counts: Record<Tab, number> = {
    sent: 0,
    silences: alerts.silences.length,
    channels: alerts.channels.channels.length,
    rules: alerts.rules.rules.length,
  };
  return (
    <nav class="tabs" aria-label={A.sections}>
      {TABS.map((each) => (
        <a
          key={each}
          href={hrefOf({ page: 'alerts', ...(each === 'sent' ? {} : { tab: each }) })}
          aria-current={tab === each ? 'page' : undefined}
        >
          {A.tabs[each]} {counts[each] > 0 && <span class="muted">{counts[each]}</span>}
        </a>
      ))}
    </nav>
  );
}

/** Nobody is called yet: the way to the first channel that works. */
function First({ alerts, onAsk, onDone }: { alerts: Alerts; onAsk: (asked: Asked) => void; onDone: () => void }) {
  const { first } = A;
  return (
    <>
      <section class="card alerts-first" aria-labelledby="alerts-first">
        <h2 id="alerts-first">
          <Icon name="bell" /> {first.title}
        </h2>
        <p>{first.whatFor}</p>
        {maySet.value ? <p>{first.text}</p> : <p class="muted">{first.mayNot}</p>}
        {maySet.value && <KindList onChoose={(kind) => onAsk({ what: 'new', kind })} />}
      </section>
      <HeartbeatCard channels={alerts.channels} heartbeat={alerts.channels.heartbeat} onDone={onDone} />
    </>
  );
}

function Body({ tab, alerts, onAsk, onDone }: { tab: Tab; alerts: Alerts; onAsk: (asked: Asked | null) => void; onDone: () => void }) {
  const locked = !maySet.value && (tab === 'channels' || tab === 'rules');
  return (
    <div class="alert-tab">
      {locked && (
        <p class="notice info">
          <Icon name="lock" /> {A.mayNotEdit}
        </p>
      )}
      {tab === 'sent' && (
        <Sent around={{ channels: alerts.channels.channels, rules: alerts.rules.rules }} begin={alerts.channels.channels.length === 0} />
      )}
      {tab === 'silences' && <Silences silences={alerts.silences} onDone={onDone} />}
      {tab === 'channels' && <Channels alerts={alerts} onAsk={onAsk} onDone={onDone} />}
      {tab === 'rules' && <Rules alerts={alerts} onDone={onDone} />}
    </div>
  );
}

function All() {
  const { alerts, problem, load } = useAlerts();
  const asked = useSignal<Asked | null>(null);
  const tab = TABS.find((each) => each === route.value.tab) ?? 'sent';
  const found = alerts.value;
  const ask = (next: Asked | null) => {
    asked.value = next;
  };
  /* What was sent by channels that are gone is still worth a look. */
  const empty = found?.channels.channels.length === 0 && tab === 'channels';
  const begin = found?.channels.channels.length === 0 && tab === 'sent';
  return (
    <article class="settings-page alerts-page">
      <header class="page-head">
        <h1>{A.title}</h1>
        {found && !begin ? <Says alerts={found} /> : <p class="muted">{A.intro}</p>}
      </header>
      {problem.value && <Problem problem={problem.value} onRetry={() => void load()} />}
      {!found && !problem.value && <p class="muted">{W.loading}</p>}
      {found && <Tabs tab={tab} alerts={found} />}
      {found && (begin || empty) && <First alerts={found} onAsk={ask} onDone={() => void load()} />}
      {found && !empty && <Body tab={tab} alerts={found} onAsk={ask} onDone={() => void load()} />}
      {found && <ChannelQuestions alerts={found} asked={asked.value} onAsk={ask} onDone={() => void load()} />}
    </article>
  );
}

export const AlertsPage = () => (scope.value === null ? <All /> : <NoRight title={A.title} />);
