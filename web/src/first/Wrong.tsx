/* What is wrong: the sentence, the incidents, and below them what happened lately. When all is calm it is one line. */
import { useSignal } from '@preact/signals';
import type { Incident } from '../api/types';
import { now } from '../state/clock';
import { incidents, incidentsProblem, isSnoozed } from '../state/incidents';
import { plain } from '../lib/text';
import { lookedAt } from '../state/looked';
import { Icon } from '../ui/Icon';
import { lazy } from '../ui/lazy';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { W } from '../words';
import { IncidentRow } from './IncidentRow';
import { LastHour } from './LastHour';
import { useNarrow } from '../queue/useNarrow';
import { useGridNav } from './useGridNav';
import { useSettled } from './useSettled';

/* More would push the table out of sight, and on a phone the search; the worst come first. */
const MOST = 4;
const MOST_NARROW = 3;

const SinceLooked = lazy(async () => (await import('./SinceLooked')).SinceLooked);

function Heads() {
  const { heads } = W.incidents;
  return (
    <div role="row" class="heads">
      <div role="columnheader" class="i-kind">
        <span class="visually-hidden">{heads.what}</span>
      </div>
      <div role="columnheader" class="i-since">
        {heads.since}
      </div>
      <div role="columnheader" class="i-chart">
        <span class="scale">
          {heads.chart} <i /> {heads.now}
        </span>
      </div>
      <div role="columnheader" class="i-messages">
        {heads.messages}
      </div>
      <div role="columnheader" class="i-growth">
        {heads.growth}
      </div>
      <div role="columnheader" class="i-actions">
        <span class="visually-hidden">{heads.actions}</span>
      </div>
    </div>
  );
}

function Rows({ list }: { list: Incident[] }) {
  const nav = useGridNav<HTMLDivElement>();
  return (
    <div {...nav} role="grid" class="incidents" aria-label={W.incidents.name}>
      <Heads />
      {list.map((incident) => (
        <IncidentRow key={incident.id} incident={incident} />
      ))}
    </div>
  );
}

function Fold({ open, name, onToggle }: { open: boolean; name: string; onToggle: () => void }) {
  return (
    <button type="button" class="link" aria-expanded={open} onClick={onToggle}>
      {open ? W.incidents.fewer : name}
    </button>
  );
}

function Sentence({ calm, text, waiting, onLetIn }: { calm: boolean; text: string; waiting: number; onLetIn: () => void }) {
  const kept = incidents.value?.kept ?? true;
  return (
    <div class="says">
      <h2 class={calm ? 'calm' : 'trouble'} title={plain(text)}>
        {calm && <Icon name="circle-check" />} <Text text={text} />
      </h2>
      {!kept && <span class="muted">{W.incidents.notKept}</span>}
      {waiting > 0 && (
        <button type="button" class="pill small" onClick={onLetIn}>
          {W.incidents.waiting(waiting)}
        </button>
      )}
    </div>
  );
}

export function Wrong() {
  const all = useSignal(false);
  const most = useNarrow().value ? MOST_NARROW : MOST;
  const asideToo = useSignal(false);
  const found = incidents.value;
  const { shown, waiting, letIn } = useSettled(found?.incidents ?? NOTHING);
  if (!found)
    return (
      <section class="wrong" aria-label={W.incidents.name}>
        {incidentsProblem.value ? <Problem problem={incidentsProblem.value} /> : <p class="says muted">{W.incidents.unknown}</p>}
      </section>
    );
  const aside = shown.filter((incident) => isSnoozed(incident, now.value) || (found.calm && incident.severity === 'note'));
  const open = shown.filter((incident) => !aside.includes(incident));
  const list = [...(all.value ? open : open.slice(0, most)), ...(asideToo.value ? aside : [])];
  const snoozed = aside.some((incident) => isSnoozed(incident, now.value));
  return (
    <section class={`wrong ${list.length > 0 ? 'listed' : ''}`} aria-label={W.incidents.name}>
      <Sentence calm={found.calm} text={found.sentence} waiting={waiting} onLetIn={letIn} />
      {list.length > 0 && <Rows list={list} />}
      <div class="lately">
        {open.length > most && (
          <Fold open={all.value} name={W.incidents.more(open.length - most)} onToggle={() => (all.value = !all.value)} />
        )}
        {aside.length > 0 && (
          <Fold
            open={asideToo.value}
            name={(snoozed ? W.incidents.snoozed : W.incidents.notes)(aside.length)}
            onToggle={() => (asideToo.value = !asideToo.value)}
          />
        )}
        {lookedAt.value !== null ? <SinceLooked /> : <LastHour lines={found.last_hour} />}
      </div>
    </section>
  );
}

const NOTHING: Incident[] = [];
