/* The groups of one kind, with bars. A click narrows the filter to a group, with Alt it excludes it. */
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Group, GroupField, Groups, PauseKind } from '../api/types';
import { count, percent } from '../lib/format';
import { steady } from '../lib/steady';
import { plain } from '../lib/text';
import { underHand } from '../state/hand';
import { narrow } from '../state/marks';
import { askPause } from '../state/pauses';
import { openFacets } from '../state/prefs';
import { filter } from '../state/route';
import { mayPause } from '../state/session';
import { view } from '../state/view';
import { Icon } from '../ui/Icon';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { W } from '../words';
import { groupName, inOrder } from './groupNames';
import { useCounts } from './useCounts';

const FEW = 5;
/* Groups of which mail can be held back. */
const PAUSE_KIND: Partial<Record<GroupField, PauseKind>> = {
  recipient_domain: 'domain',
  remote_host: 'provider',
  remote_domain: 'provider',
  sender: 'sender',
  login: 'login',
};
const MOST = 20;

function Line({ group, by, most, all }: { group: Group; by: GroupField; most: number; all: number }) {
  const name = groupName(group, by);
  const body = (
    <>
      <span class="group-name">
        <Text text={name} />
      </span>
      <span class="group-count">{count(group.messages)}</span>
      <span class="group-share">{percent(group.messages, all)}</span>
      {by === 'reason' && group.diagnosis && <span class="group-more">{group.diagnosis.title}</span>}
      <span class="group-bar">
        <span style={{ width: `${(group.messages / most) * 100}%` }} />
      </span>
    </>
  );
  if (!group.filter)
    return (
      <li>
        <span class="group">{body}</span>
      </li>
    );
  return (
    <li>
      <button type="button" class="group" title={W.filterBy(plain(name))} onClick={(event) => narrow(group.filter!, event.altKey)}>
        {body}
      </button>
      {PAUSE_KIND[by] && group.key && mayPause.value && (
        <button
          type="button"
          class="group-pause"
          title={W.holdBackOf(plain(name))}
          onClick={() => askPause([{ kind: PAUSE_KIND[by]!, key: group.key! }])}
        >
          <Icon name="circle-pause" /> <span class="visually-hidden">{W.holdBackOf(plain(name))}</span>
        </button>
      )}
    </li>
  );
}

function Lines({ by }: { by: GroupField }) {
  const list = useRef<HTMLOListElement>(null);
  const all = useSignal(false);
  const { found, problem } = useCounts<Groups>({ by, filter: view.value?.filter ?? filter.value, limit: MOST }, (old, next) =>
    underHand(list.current)
      ? {
          ...next,
          groups: steady(
            old.groups,
            next.groups,
            (group) => group.key,
            (group) => ({ ...group, messages: 0 }),
          ),
        }
      : next,
  );
  const now = found.value;
  if (problem.value && problem.value.code !== 'invalid_filter') return <Problem problem={problem.value} />;
  if (!now) return <p class="muted">{W.loading}</p>;
  if (now.groups.length === 0) return <p class="muted">{W.groups.none}</p>;
  const most = Math.max(1, ...now.groups.map((group) => group.messages));
  const few = by === 'age' || by === 'queue' ? MOST : FEW;
  const shown = inOrder(now.groups, by).slice(0, all.value ? MOST : few);
  return (
    <>
      <ol class="group-list" ref={list}>
        {shown.map((group) => (
          <Line key={group.key} group={group} by={by} most={most} all={view.value?.matched ?? most} />
        ))}
      </ol>
      {now.groups.length > few && (
        <button
          type="button"
          class="link small-text"
          aria-expanded={all.value}
          onClick={() => {
            all.value = !all.value;
          }}
        >
          {all.value ? W.groups.fewer : W.groups.more(now.groups.length - few)}
        </button>
      )}
      {(all.value || now.groups.length <= few) && now.other && now.other.messages > 0 && (
        <p class="muted small-text">{W.groups.other(now.other.messages)}</p>
      )}
    </>
  );
}

export function Facet({ by }: { by: GroupField }) {
  const open = openFacets.value.includes(by);
  const toggle = () => {
    openFacets.value = open ? openFacets.value.filter((other) => other !== by) : [...openFacets.value, by];
  };
  return (
    <section class="facet" aria-label={W.groups.field[by]}>
      <h3>
        <button type="button" class="facet-head" aria-expanded={open} onClick={toggle}>
          <Icon name={open ? 'chevron-down' : 'chevron-right'} /> {W.groups.field[by]}
        </button>
      </h3>
      {open && <Lines by={by} />}
    </section>
  );
}
