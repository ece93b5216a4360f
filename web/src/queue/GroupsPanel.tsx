/* What the queue consists of: by cause, destination, sender, queue. A click narrows the filter to a group. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { aborted, get, problemIn } from '../api/client';
import type { Group, GroupField, Groups, Problem as ProblemData } from '../api/types';
import { count, percent } from '../lib/format';
import { withTerm } from '../lib/filter';
import { plain } from '../lib/text';
import { onEvent, paused } from '../state/live';
import { changeFilter } from '../state/marks';
import { filter, go, route } from '../state/route';
import { view } from '../state/view';
import { Icon } from '../ui/Icon';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { W } from '../words';

const FIELDS: GroupField[] = ['diagnosis', 'reason', 'recipient_domain', 'sender', 'sender_domain', 'queue', 'age', 'client', 'login'];
const LEAST_INTERVAL_MS = 5000;

const fieldOf = (by: string): GroupField => FIELDS.find((field) => field === by) ?? 'diagnosis';

function useGroups(by: GroupField, text: string) {
  const groups = useSignal<Groups | null>(null);
  const problem = useSignal<ProblemData | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    let last = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async () => {
      timer = undefined;
      last = Date.now();
      try {
        groups.value = await get<Groups>('/groups', { by, filter: text, limit: 20 }, stop.signal);
        problem.value = null;
      } catch (error) {
        if (!aborted(error)) problem.value = problemIn(error);
      }
    };
    void load();
    const off = onEvent('queue', (summary) => {
      if (timer !== undefined || paused.value || summary.generation === groups.value?.generation) return;
      timer = setTimeout(load, Math.max(0, last + LEAST_INTERVAL_MS - Date.now()));
    });
    return () => { off(); clearTimeout(timer); stop.abort(); };
  }, [by, text]);
  return { groups, problem };
}

const nameOf = (group: Group, by: GroupField): string => {
  if (group.key === null) return W.groups.unknown;
  if (by === 'age') return W.groups.age(group.key);
  if (by === 'queue') return W.queue[group.key as keyof typeof W.queue]?.name ?? group.key;
  if (group.key === '' && by === 'sender') return W.nullSender;
  return by === 'diagnosis' && group.diagnosis ? group.diagnosis.title : group.key;
};

/** Most messages first, as the server counts them; ages from the youngest to the oldest. */
const ordered = ({ by, groups }: Groups): Group[] =>
  by === 'age' ? [...groups].sort((a, b) => ageOf(a) - ageOf(b)) : groups;
const ageOf = ({ key }: Group): number => parseInt(key ?? '', 10) + (key?.endsWith('+') ? 1 : 0);

function GroupLine({ group, by, most, all }: { group: Group; by: GroupField; most: number; all: number }) {
  const name = nameOf(group, by);
  const share = percent(group.messages, all);
  const body = (
    <>
      <span class="group-name"><Text text={name} /></span>
      <span class="group-count">{count(group.messages)}</span>
      <span class="group-share">{share}</span>
      {by === 'reason' && group.diagnosis && <span class="group-more">{group.diagnosis.title}</span>}
      <span class="group-bar"><span style={{ width: `${(group.messages / most) * 100}%` }} /></span>
    </>
  );
  if (!group.filter) return <li><span class="group">{body}</span></li>;
  const narrow = (event: MouseEvent) => changeFilter(withTerm(filter.value, group.filter!, event.altKey));
  return <li><button type="button" class="group" title={W.filterBy(plain(name))} onClick={narrow}>{body}</button></li>;
}

export function GroupsPanel() {
  const by = fieldOf(route.value.by);
  const { groups, problem } = useGroups(by, view.value?.filter ?? filter.value);
  const now = groups.value?.by === by ? groups.value : null;
  const most = Math.max(1, ...(now?.groups ?? []).map((group) => group.messages));
  const all = view.value?.matched ?? most;
  return (
    <aside class="groups" aria-label={W.groups.title}>
      <header>
        <h2>{W.groups.title}</h2>
        <label><span class="visually-hidden">{W.groups.by}</span>
          <select value={by} onChange={(event) => go({ by: event.currentTarget.value }, true)}>
            {FIELDS.map((field) => <option key={field} value={field}>{W.groups.field[field]}</option>)}
          </select>
        </label>
      </header>
      {problem.value && problem.value.code !== 'invalid_filter' && <Problem problem={problem.value} />}
      {!now && !problem.value && <p class="muted">{W.loading}</p>}
      {now && now.groups.length === 0 && <p class="muted">{W.groups.none}</p>}
      {now && now.groups.length > 0 && (
        <ol class="group-list" tabIndex={0} aria-label={W.groups.field[by]}>
          {ordered(now).map((group) => <GroupLine key={group.key} group={group} by={by} most={most} all={all} />)}
        </ol>
      )}
      {now?.other && now.other.messages > 0 && <p class="muted small-text">{W.groups.other(now.other.messages)}</p>}
      <p class="muted small-text hint"><Icon name="info" /> {W.groups.hint}</p>
    </aside>
  );
}
