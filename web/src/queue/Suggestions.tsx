/* Under the filter: first the fields, then the values of a field that are in the queue now, with counts. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get } from '../api/client';
import type { Group, GroupField, Groups } from '../api/types';
import { term, terms, withTerm } from '../lib/filter';
import { count } from '../lib/format';
import { Text } from '../ui/Text';
import { W } from '../words';

const GROUP_OF: Record<string, GroupField> = {
  queue: 'queue', from: 'sender', domain: 'recipient_domain', diagnosis: 'diagnosis', reason: 'reason', client: 'client', login: 'login',
};
const MOST = 8;
/* A field with what follows it, and what it is. */
const FIELDS = [...Object.entries(W.fields).map(([name, what]) => [`${name}:`, what] as const), ...Object.entries(W.compared).map(([name, what]) => [`${name}>`, what] as const)];

/** The word being typed: the last one, unless a blank follows it. */
function lastWord(text: string): string {
  return text === '' || /\s$/.test(text) ? '' : terms(text).at(-1) ?? '';
}

function useValues(field: GroupField | undefined) {
  const groups = useSignal<Group[]>([]);
  useEffect(() => {
    const stop = new AbortController();
    groups.value = [];
    if (field) get<Groups>('/groups', { by: field, limit: 40 }, stop.signal).then((found) => { groups.value = found.groups; }, () => {});
    return () => stop.abort();
  }, [field]);
  return groups;
}

export function Suggestions({ text, onPick }: { text: string; onPick: (text: string) => void }) {
  const word = lastWord(text);
  const [, minus = '', field = '', typed] = /^(-?)([a-z_]*)(?::(.*))?$/i.exec(word) ?? [];
  const values = useValues(typed === undefined ? undefined : GROUP_OF[field]);
  const before = word ? text.slice(0, text.length - word.length) : text;
  if (typed === undefined) {
    const fields = FIELDS.filter(([name]) => name.startsWith(field));
    if (fields.length === 0 || (word && fields.length === FIELDS.length)) return null;
    return (
      <ul class="suggestions" aria-label={W.suggestions}>
        {fields.map(([name, what]) => (
          <li key={name}><button type="button" onClick={() => onPick(`${before}${minus}${name}`)}><code>{name}</code> <span class="muted">{what}</span></button></li>
        ))}
      </ul>
    );
  }
  const found = values.value.filter((group) => group.key !== null && group.key.toLowerCase().includes(typed.replace(/^"/, '').toLowerCase()) && group.key !== typed).slice(0, MOST);
  if (found.length === 0) return null;
  return (
    <ul class="suggestions" aria-label={W.suggestions}>
      {found.map((group) => (
        <li key={group.key}>
          <button type="button" onClick={() => onPick(withTerm(before, group.filter ?? term(field, group.key ?? ''), minus === '-'))}>
            <Text text={group.diagnosis?.title ?? group.key ?? ''} /> <span class="muted">{count(group.messages)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
