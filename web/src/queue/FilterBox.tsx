/* The filter is text, and the server's parser the only one. A mistake keeps its text, with the spot underlined. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { markFault, terms, withoutTerm } from '../lib/filter';
import { plain } from '../lib/text';
import { changeFilter } from '../state/marks';
import { filter } from '../state/route';
import { view, viewProblem } from '../state/view';
import { Icon } from '../ui/Icon';
import { Text } from '../ui/Text';
import { W } from '../words';
import { Suggestions } from './Suggestions';

const SETTLE_MS = 350;

function Fault() {
  const problem = viewProblem.value;
  if (!problem || !(problem.code === 'invalid_filter' || problem.code === 'field_unavailable')) return null;
  const [before, at, after] = markFault(filter.value, problem.column ?? [...filter.value].length + 1);
  return (
    <div class="fault" role="alert" id="filter-fault">
      {problem.column !== undefined && <code class="fault-text" aria-hidden="true">{plain(before)}<u>{at === '' ? '\u00a0' : plain(at)}</u>{plain(after)}</code>}
      <span><Icon name="circle-alert" /> <Text text={problem.detail} />{problem.expected && <> {W.expected} <Text text={problem.expected} />.</>} <span class="muted">{view.value?.filter ? W.lastGood : W.allMeanwhile}</span></span>
    </div>
  );
}

function Chips() {
  const all = terms(filter.value);
  if (all.length < 1) return null;
  return (
    <ul class="chips" aria-label={W.chips}>
      {all.map((term) => (
        <li key={term}>
          <span class={`chip ${term.startsWith('-') ? 'not' : ''}`}><Text text={term} />
            <button type="button" aria-label={W.removeTerm(plain(term))} onClick={() => changeFilter(withoutTerm(filter.value, term))}><Icon name="x" /></button>
          </span>
        </li>
      ))}
    </ul>
  );
}

export function FilterBox() {
  const text = useSignal(filter.value);
  const active = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => { if (text.value.trim() !== filter.value.trim()) text.value = filter.value; }, [filter.value]);
  const set = (next: string, wait: number) => {
    text.value = next;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => changeFilter(next.trim()), wait);
  };
  const wrong = viewProblem.value?.code === 'invalid_filter';
  return (
    <search class="filter-box" onFocusIn={() => { active.value = true; }} onFocusOut={(event) => { if (!event.currentTarget.contains(event.relatedTarget as Node | null)) active.value = false; }}>
      <form class="filter-line" role="presentation" onSubmit={(event) => { event.preventDefault(); set(text.value, 0); }}>
        <Icon name="search" />
        <input
          ref={input} id="filter" type="text" value={text.value} placeholder={W.filterHint} aria-label={W.filter} spellcheck={false} autocomplete="off" autocapitalize="off"
          maxLength={4096} aria-invalid={wrong} aria-describedby={wrong ? 'filter-fault' : undefined}
          onInput={(event) => set(event.currentTarget.value, SETTLE_MS)}
          onKeyDown={(event) => { if (event.key === 'Escape') { event.stopPropagation(); if (text.value) set('', 0); else input.current!.blur(); } }}
        />
        {text.value && <button type="button" class="clear" aria-label={W.clearFilter} onClick={() => { set('', 0); input.current!.focus(); }}><Icon name="x" /></button>}
      </form>
      {active.value && <Suggestions text={text.value} onPick={(next) => { set(next, /[:>]$/.test(next) ? SETTLE_MS * 10 : 0); input.current!.focus(); }} />}
      <Fault />
      {!wrong && <Chips />}
    </search>
  );
}
