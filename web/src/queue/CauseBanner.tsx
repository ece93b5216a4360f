/*
 * Above the table: the one cause that most of what is filtered has, what it means and what to do, since when, and its
 * actions, which go the way of all actions: a view, a preview, a job. It comes and goes with the filter, not with the
 * queue, so that no row moves by itself.
 */
import { signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { ACTION_ICON } from '../actions/icons';
import { aborted, get, problemIn } from '../api/client';
import type { Action, Diagnosis, Group, Groups, MessageDetail } from '../api/types';
import { withTerm } from '../lib/filter';
import { count } from '../lib/format';
import { askForFilter } from '../state/actions';
import { underHand } from '../state/hand';
import { incidents } from '../state/incidents';
import { askPauseFor } from '../state/pauses';
import { selection } from '../state/marks';
import { countOf } from '../state/selection';
import { mayAct, mayPause } from '../state/session';
import { view } from '../state/view';
import { Icon } from '../ui/Icon';
import { lazy } from '../ui/lazy';
import { others } from '../ui/others';
import { Phrase } from '../ui/Phrase';
import { Problem } from '../ui/Problem';
import { RunbookLink } from '../ui/RunbookLink';
import { Text } from '../ui/Text';
import { Time } from '../ui/Time';
import { W } from '../words';
import { useCounts } from './useCounts';

const CauseTests = lazy(async () => (await others()).CauseTests);

const SHARE = 0.6;
/* Of fewer messages each row says it by itself. */
const FEW = 3;
const HAND_MS = 500;

interface Main {
  filter: string;
  group: Group;
  diagnosis: Diagnosis;
}

const main = signal<Main | null>(null);
/* What a cause means stands in the details of each message that has it, and is the same for all. */
const meanings = new Map<string, Diagnosis>();

async function meaningOf(group: Group, filter: string, stop: AbortSignal): Promise<Diagnosis | undefined> {
  const key = group.diagnosis!.id;
  if (!meanings.has(key)) {
    const page = await get<{ messages: { id: string }[] }>('/messages', { filter: withTerm(filter, group.filter!), limit: 1 }, stop);
    const [first] = page.messages;
    if (!first) return undefined;
    for (const each of (await get<MessageDetail>(`/messages/${first.id}`, {}, stop)).diagnoses) meanings.set(each.id, each);
  }
  return meanings.get(key);
}

async function find(filter: string, matched: number, group: Group | undefined, stop: AbortSignal): Promise<Main | null> {
  if (!group?.diagnosis || !group.filter || matched < FEW || group.messages < matched * SHARE) return null;
  const diagnosis = await meaningOf(group, filter, stop);
  return diagnosis ? { filter, group, diagnosis } : null;
}

/** Waits while a hand is at work in the table. */
async function whenFree(stop: AbortSignal): Promise<void> {
  while (underHand(document.querySelector('[data-grid]')) && !stop.aborted) await new Promise((next) => setTimeout(next, HAND_MS));
}

/** Decides once for each filter; afterwards only the numbers follow the queue. */
function useMain(): void {
  const filter = view.value?.filter.trim() ?? '';
  const { found } = useCounts<Groups>(filter === '' ? null : { by: 'cause', filter, limit: 1 });
  const decided = useRef('');
  useEffect(() => {
    if (filter !== '') return;
    main.value = null;
    decided.current = '';
  }, [filter]);
  useEffect(() => {
    if (!found.value || filter === '') return;
    const group = found.value.groups[0];
    if (decided.current === filter) {
      if (main.value && main.value.group.key === group?.key) main.value = { ...main.value, group };
      return;
    }
    const stop = new AbortController();
    find(filter, view.value?.matched ?? 0, group, stop.signal).then(
      async (next) => {
        if (!main.value !== !next) await whenFree(stop.signal);
        if (stop.signal.aborted) return;
        decided.current = filter;
        main.value = next;
      },
      (error) => {
        if (!aborted(error)) problemIn(error); /* the rows are there without it */
      },
    );
    return () => stop.abort();
  }, [found.value]);
}

const ACTIONS: Action[] = ['retry', 'hold', 'bounce', 'delete'];

interface ActionsProps {
  filter: string;
  /** Whether tests of its destinations are open. */
  tests: boolean;
  onTests: () => void;
  onProblem: (error: unknown) => void;
}

function Actions({ filter, tests, onTests, onProblem }: ActionsProps) {
  /* Beside a selection "Delete" would be taken for the selection's. */
  const other = countOf(selection.value) > 0;
  if (!mayAct.value) return null;
  return (
    <div class="actions" role="toolbar" aria-label={W.cause.actions}>
      {ACTIONS.map((action) => (
        <button
          key={action}
          type="button"
          class={`button small ${action === 'delete' || action === 'bounce' ? 'danger' : ''}`}
          disabled={other}
          title={other ? W.cause.notThese : `${W.actions[action].what} ${W.actions[action].command}`}
          onClick={() => void askForFilter(action, filter).catch(onProblem)}
        >
          <Icon name={ACTION_ICON[action]} /> {W.actions[action].name}
        </button>
      ))}
      {mayPause.value && (
        <button type="button" class="button small" title={W.incidents.pauseTitle} onClick={() => void askPauseFor(filter).catch(onProblem)}>
          <Icon name="circle-pause" /> {W.holdBack}
        </button>
      )}
      <button type="button" class="button small" aria-expanded={tests} onClick={onTests}>
        <Icon name="radar" /> {W.cause.test}
      </button>
    </div>
  );
}

export function CauseBanner() {
  useMain();
  const problem = useSignal<ReturnType<typeof problemIn> | null>(null);
  /* For which filter the tests are open. */
  const tested = useSignal('');
  const now = main.value;
  if (!now) return null;
  const { group, diagnosis } = now;
  const filter = withTerm(now.filter, group.filter!);
  const incident = incidents.value?.incidents.find((each) => each.diagnosis === diagnosis.id);
  const since = incident?.since ?? group.oldest_arrival;
  const note = incident?.notes.at(-1);
  return (
    <section class={`cause-banner ${diagnosis.severity}`} aria-label={W.cause.name}>
      <p class="cause-head">
        <Icon name="info" /> <strong>{diagnosis.title}</strong>{' '}
        <span class="muted">
          {W.cause.share(count(group.messages), count(Math.max(view.value?.matched ?? 0, group.messages)))}{' '}
          {since && <Phrase text={incident ? W.cause.since : W.cause.oldest} parts={{ time: <Time at={since} /> }} />}
        </span>
      </p>
      <p class="cause-text">
        <strong>{W.whatToDo}</strong> {diagnosis.advice} <span class="muted">{diagnosis.cause}</span>{' '}
        <RunbookLink name={diagnosis.runbook} />
      </p>
      {note && (
        <p class="cause-text">
          <Text text={note.who} />, <Time at={note.at} />: <Text text={note.text} />
        </p>
      )}
      <Actions
        filter={filter}
        tests={tested.value === filter}
        onTests={() => {
          tested.value = tested.value === filter ? '' : filter;
        }}
        onProblem={(error) => {
          problem.value = problemIn(error);
        }}
      />
      {tested.value === filter && <CauseTests filter={filter} />}
      {problem.value && (
        <Problem
          problem={problem.value}
          onClose={() => {
            problem.value = null;
          }}
        />
      )}
    </section>
  );
}
