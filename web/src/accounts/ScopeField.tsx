/* The part of the queue that an account sees: a filter, with what it means and what it matches now. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { aborted, get, problemIn } from '../api/client';
import type { FilterCompletion, FilterExplanation } from '../api/types';
import { markFault } from '../lib/filter';
import { plain } from '../lib/text';
import { Completions, LIST_ID, optionId } from '../queue/Completions';
import { closeCompletions, completed, completions, isAbout, reach, reached, suggest } from '../state/completions';
import { summary } from '../state/live';
import { Icon } from '../ui/Icon';
import { Phrase } from '../ui/Phrase';
import { Text } from '../ui/Text';
import { W } from '../words';
import { accountsPageWords as A } from '../words/accountsPage';

const F = A.form;
const WAIT_MS = 150;

interface Props {
  value: string;
  /** What the server said of it when it was to be saved. */
  fault: { column: number; expected: string } | null;
  onInput: (value: string) => void;
}

/** What the server makes of the text, soon after it rests. */
function useExplained(text: string) {
  const explained = useSignal<FilterExplanation | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => {
      if (text.trim() === '') {
        explained.value = null;
        return;
      }
      get<FilterExplanation>('/filters', { text, counts: 'true' }, stop.signal).then(
        (found) => {
          explained.value = found;
        },
        (error: unknown) => {
          if (!aborted(error)) problemIn(error); /* it can be saved without; the server looks again */
        },
      );
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text]);
  return explained.value;
}

function Fault({ text, column, expected }: { text: string; column: number; expected: string }) {
  const [before, at, after] = markFault(text, column);
  return (
    <p id="scope-words" class="field-error" role="alert">
      <code class="fault-text" aria-hidden="true">
        {plain(before)}
        <u>{at === '' ? '\u00a0' : plain(at)}</u>
        {plain(after)}
      </code>{' '}
      <Icon name="circle-alert" /> <Phrase text={W.faultAt(column)} parts={{ expected: <Text text={expected} /> }} />
    </p>
  );
}

function Meaning({ explained }: { explained: FilterExplanation }) {
  const { explanation, counts } = explained;
  const all = summary.value?.messages ?? null;
  return (
    <p id="scope-words" class="small-text" aria-live="polite">
      {explanation && <Text text={explanation} />}
      {explanation && '. '}
      {counts && all !== null && <strong>{F.matches(counts.matched, Math.max(all, counts.matched))}</strong>}{' '}
      {counts && counts.undecided > 0 && <span class="muted">{F.undecided(counts.undecided)}</span>}
    </p>
  );
}

function useBox(value: string, onInput: (value: string) => void) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => closeCompletions, []);
  const take = (item: FilterCompletion) => {
    if (!isAbout(value)) return;
    const next = completed(value, item);
    input.current!.value = next.text;
    input.current!.setSelectionRange(next.cursor, next.cursor);
    input.current!.focus();
    onInput(next.text);
    if (item.complete) closeCompletions();
    else suggest(next.text, next.cursor);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const open = completions.value;
    const item = open?.items[reached.value];
    if (event.key === 'Tab' && open && open.length > 0 && !event.shiftKey && isAbout(value)) take(item ?? open.items[0]!);
    else if (event.key === 'Enter' && item) take(item);
    else if (open && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) reach(event.key === 'ArrowDown' ? 1 : -1);
    else if (open && event.key === 'Escape') {
      event.stopPropagation();
      closeCompletions();
    } else return;
    event.preventDefault();
  };
  return { input, take, onKeyDown };
}

export function ScopeField({ value, fault, onInput }: Props) {
  const { input, take, onKeyDown } = useBox(value, onInput);
  const explained = useExplained(value);
  const said = explained?.error && explained.text === value ? explained.error : null;
  /* Somebody types on: that is no mistake yet. */
  const unfinished = said !== null && said.column > [...value.trimEnd()].length;
  const wrong = unfinished ? null : (said ?? fault);
  const open = completions.value !== null;
  return (
    <div
      class="scope-field"
      onFocusOut={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) closeCompletions();
      }}
    >
      <label class="field">
        <span>{F.filter}</span>
        <input
          ref={input}
          type="text"
          class="mono"
          value={value}
          required
          maxLength={4096}
          placeholder={F.filterHint}
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          role="combobox"
          aria-expanded={open}
          aria-controls={LIST_ID}
          aria-autocomplete="list"
          aria-activedescendant={open && reached.value >= 0 ? optionId(reached.value) : undefined}
          aria-invalid={wrong ? true : undefined}
          aria-describedby="scope-words"
          onInput={(event) => {
            onInput(event.currentTarget.value);
            suggest(event.currentTarget.value, event.currentTarget.selectionStart ?? 0);
          }}
          onKeyDown={onKeyDown}
        />
      </label>
      <Completions onTake={take} />
      {wrong ? (
        <Fault text={value} {...wrong} />
      ) : unfinished ? (
        <p id="scope-words" class="muted small-text">
          <Phrase text={W.goesOn} parts={{ expected: <Text text={said.expected} /> }} />
        </p>
      ) : value.trim() === '' ? (
        <p id="scope-words" class="muted small-text">
          {F.empty}
        </p>
      ) : (
        explained && <Meaning explained={explained} />
      )}
    </div>
  );
}
