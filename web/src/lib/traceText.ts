/* What of a filter the mail log can be asked for: one whole address, domain, queue ID or Message-ID. */
import { terms } from './filter';

/* From what says most about one message to what says least. */
const FIELDS = ['id', '', 'to', 'from', 'domain'];
const ADDRESS = /^[^\s@"*?]+@[^\s@"*?]+$/;
const DOMAIN = /^(?=.*\.)(?!.*\.\.)[^\s@"*?/:]+\.[^\s@"*?/:.]{2,}$/;
/* Short and long queue IDs, as far as a bare word can be told from a name: an ID has digits, or is all consonants and upper case. */
const ID = /^(?:[0-9A-F]{8,}|(?=.*\d)[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{12,})$/;

const unquoted = (text: string): string => (/^".*"$/.test(text) ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text);

/** The whole value that a term looks for: without `=`, quotes, and the `*@` or `@` in front of a domain. */
const valueOf = (text: string): string =>
  unquoted(text.replace(/^=/, ''))
    .replace(/^\*?@/, '')
    .replace(/^<(.+)>$/, '$1');

function isWhole(field: string, value: string): boolean {
  if (field === 'id') return ID.test(value) || /^[0-9A-Za-z]{6,64}$/.test(value);
  if (field === 'domain') return DOMAIN.test(value);
  return ADDRESS.test(value) || DOMAIN.test(value) || (field === '' && ID.test(value));
}

/** null: nothing in it that the log could be asked for. Alternatives and what is excluded do not count. */
export function traceText(filter: string): string | null {
  const found = new Map<string, string>();
  for (const term of terms(filter)) {
    if (/^or$/i.test(term)) return null;
    if (/^(?:-|not\s|\()/i.test(term)) continue;
    const [, field = '', text = ''] = /^(?:([a-z_]+):)?(.*)$/is.exec(term)!;
    const value = valueOf(text);
    const name = field.toLowerCase();
    if (FIELDS.includes(name) && !found.has(name) && isWhole(name, value)) found.set(name, value);
  }
  return FIELDS.map((field) => found.get(field)).find((value) => value !== undefined) ?? null;
}
