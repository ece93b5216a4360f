/* The filter is text, and the server's parser the only one. It is a combobox: what could come next is offered below. */
import { useEffect, useRef } from 'preact/hooks';
import type { FilterCompletion } from '../api/types';
import { closeCompletions, completed, completions, isAbout, reach, reached, suggest, suggestNow } from '../state/completions';
import { apply, choose, endEditing, explained, fault, follow, startEditing, takeBackTyping, type, typed } from '../state/filterBox';
import { filter } from '../state/route';
import { Icon } from '../ui/Icon';
import { W } from '../words';
import { Completions, LIST_ID, optionId } from './Completions';
import { FilterWords } from './FilterWords';
import { focusTable } from './useGridKeys';

/** What Tab takes: the one reached by the arrows, or the first when a word has been begun. */
function offered(): FilterCompletion | undefined {
  const now = completions.value;
  if (!now) return undefined;
  return now.items[reached.value] ?? (now.length > 0 ? now.items[0] : undefined);
}

function useBox() {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => follow(filter.value), [filter.value]);
  useEffect(() => closeCompletions, []);
  const cursor = () => input.current!.selectionStart ?? typed.value.length;
  const take = (item: FilterCompletion) => {
    if (!isAbout(typed.value)) return;
    const next = completed(typed.value, item);
    /* The cursor can only stand where there is text. */
    input.current!.value = next.text;
    input.current!.setSelectionRange(next.cursor, next.cursor);
    input.current!.focus();
    if (item.complete) {
      closeCompletions();
      choose(next.text);
    } else {
      type(next.text);
      suggest(next.text, next.cursor);
    }
  };
  /* Somebody types faster than the server answers: Tab waits for the answer to what stands there. */
  const takeSoon = async () => {
    const text = typed.value;
    await suggestNow(text, cursor());
    const item = offered();
    if (item && typed.value === text) take(item);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const open = completions.value !== null;
    if (open && event.key === 'Tab' && !event.shiftKey && !isAbout(typed.value)) {
      event.preventDefault();
      return void takeSoon();
    }
    const item =
      event.key === 'Tab' && !event.shiftKey ? offered() : event.key === 'Enter' ? completions.value?.items[reached.value] : undefined;
    if (item) take(item);
    else if (event.key === 'Enter') {
      closeCompletions();
      apply();
    } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && !event.altKey) {
      if (open) reach(event.key === 'ArrowDown' ? 1 : -1);
      else suggest(typed.value, cursor());
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      if (open) closeCompletions();
      else if (!takeBackTyping()) focusTable();
    } else return;
    event.preventDefault();
  };
  return { input, cursor, take, onKeyDown };
}

export function FilterBox() {
  const { input, cursor, take, onKeyDown } = useBox();
  const open = completions.value !== null;
  const wrong = fault.value !== null && !fault.value.unfinished;
  const leave = (event: FocusEvent) => {
    if ((event.currentTarget as HTMLElement).contains(event.relatedTarget as Node | null)) return;
    closeCompletions();
    endEditing();
  };
  return (
    <search class="filter-box" onFocusIn={startEditing} onFocusOut={leave}>
      <div class="filter-line">
        <Icon name="search" />
        <input
          ref={input}
          id="filter"
          type="text"
          value={typed.value}
          placeholder={W.filterHint}
          aria-label={W.filter}
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          role="combobox"
          aria-expanded={open}
          aria-controls={LIST_ID}
          aria-autocomplete="list"
          aria-activedescendant={open && reached.value >= 0 ? optionId(reached.value) : undefined}
          aria-invalid={wrong}
          aria-describedby={explained.value ? 'filter-words' : undefined}
          onInput={(event) => {
            type(event.currentTarget.value);
            suggest(event.currentTarget.value, cursor());
          }}
          onClick={() => suggest(typed.value, cursor())}
          onKeyDown={onKeyDown}
        />
        {typed.value && (
          <button
            type="button"
            class="clear"
            aria-label={W.clearFilter}
            onClick={() => {
              choose('');
              input.current!.focus();
              closeCompletions();
            }}
          >
            <Icon name="x" />
          </button>
        )}
      </div>
      <Completions onTake={take} />
      <FilterWords />
    </search>
  );
}
