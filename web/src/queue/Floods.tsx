/*
 * Who makes the queue grow: the login, client and sender with most of what came in the last hour and is still here. This
 * host and private networks only pass mail on: a content filter that gives it back on loopback is no culprit.
 */
import { useRef } from 'preact/hooks';
import type { Group, GroupField, Groups } from '../api/types';
import { count, percent } from '../lib/format';
import { plain } from '../lib/text';
import { underHand } from '../state/hand';
import { isOwn } from '../lib/networks';
import { summary } from '../state/live';
import { narrow } from '../state/marks';
import { Icon } from '../ui/Icon';
import { Text } from '../ui/Text';
import { W } from '../words';
import { groupName } from './groupNames';
import { useCounts } from './useCounts';

const KINDS = ['login', 'client', 'sender'] as const;
const LATELY = 'age<1h';
const BEFORE = '(age>=1h age<25h)';
const BEFORE_HOURS = 24;
/* Times what is usual of it. */
const GROWN = 3;
const NAMED = 20;
/* From here on somebody stands out: half of an hour's mail, and more than a handful. */
const MUCH = 0.5;
const MANY = 50;

const totalOf = ({ groups, other }: Groups): number => groups.reduce((sum, group) => sum + group.messages, other?.messages ?? 0);

function Who({ by, group, total, usual }: { by: GroupField; group: Group; total: number; usual: number }) {
  const name = groupName(group, by);
  const much = group.messages >= MANY && group.messages > total * MUCH && group.messages > GROWN * usual;
  return (
    <button
      type="button"
      class={`who ${much ? 'much' : ''}`}
      title={W.filterBy(plain(name))}
      onClick={(event) => narrow(group.filter!, event.altKey)}
    >
      <span class="muted">{W.groups.field[by]}</span>
      <span class="who-name">
        {much && (
          <>
            <Icon name="triangle-alert" />
            <span class="visually-hidden">{W.floods.much}</span>{' '}
          </>
        )}
        <Text text={name} />
      </span>
      <span class="group-count">{count(group.messages)}</span>
      <span class="group-share">{percent(group.messages, total)}</span>
    </button>
  );
}

function Kind({ by }: { by: (typeof KINDS)[number] }) {
  const line = useRef<HTMLLIElement>(null);
  const { found } = useCounts<Groups>({ by, filter: LATELY, limit: NAMED }, (old, next) => (underHand(line.current) ? old : next));
  const before = useCounts<Groups>({ by, filter: BEFORE, limit: NAMED }).found;
  const first = found.value?.groups.find(
    (group) => group.key !== null && group.filter && !(by === 'client' && isOwn(group.key, summary.value?.host)),
  );
  const usual = (before.value?.groups.find((group) => group.key === first?.key)?.messages ?? 0) / BEFORE_HOURS;
  return (
    <li ref={line}>
      {first ? (
        <Who by={by} group={first} total={totalOf(found.value!)} usual={usual} />
      ) : (
        <span class="who muted">
          <span>{W.groups.field[by]}</span>
          <span class="who-name">{W.none}</span>
        </span>
      )}
    </li>
  );
}

export function Floods() {
  return (
    <section class="floods" aria-label={W.floods.title}>
      <h3 title={W.floods.what}>{W.floods.title}</h3>
      <ul>
        {KINDS.map((by) => (
          <Kind key={by} by={by} />
        ))}
      </ul>
    </section>
  );
}
