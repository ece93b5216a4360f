/*
 * Editing of the filter's text: adding and taking away a term when a value on the page is clicked. The server's parser
 * is the only one that gives a filter its meaning; here a filter is split at blanks outside quotes and parentheses, nothing more.
 */

/** A value as the filter language takes it: quoted unless it is one plain word. */
export function quote(value: string): string {
  if (/^[^\s"()\\:<>=*?-][^\s"()\\:<>=*?]*$/.test(value) && !/^(or|not|and)$/i.test(value)) return value;
  return `"${value.replace(/["\\]/g, (char) => `\\${char}`)}"`;
}

export const term = (field: string, value: string, exact = false): string => `${field}:${exact ? '=' : ''}${quote(value)}`;

/** The terms of a filter as they are written, in order. */
export function terms(filter: string): string[] {
  const found: string[] = [];
  let depth = 0;
  for (const word of filter.match(/(?:"(?:\\.|[^"\\])*"?|[^\s"])+/g) ?? []) {
    if (depth > 0) found.push(`${found.pop()} ${word}`);
    else found.push(word);
    const outside = word.replace(/"(?:\\.|[^"\\])*"?/g, '');
    depth = Math.max(0, depth + outside.split('(').length - outside.split(')').length);
  }
  return found;
}

/** Takes the leading minus from an excluded term, or gives one to another. */
const negate = (text: string): string => (text.startsWith('-') ? text.slice(1) : `-${text}`);

/** The filter with a term added; its opposite goes, and a term that is there already is not added twice. */
export function withTerm(filter: string, added: string, exclude = false): string {
  const wanted = exclude ? negate(added) : added;
  const rest = terms(filter).filter((other) => other !== negate(wanted));
  return (rest.includes(wanted) ? rest : [...rest, wanted]).join(' ');
}

export function withoutTerm(filter: string, removed: string): string {
  const all = terms(filter);
  const at = all.indexOf(removed);
  return at < 0 ? all.join(' ') : all.filter((_, index) => index !== at).join(' ');
}

/** Replaces every term of a field (excluded ones too) by one, or by none when `value` is null. */
export function withField(filter: string, field: string, value: string | null): string {
  const others = terms(filter).filter((other) => !other.replace(/^-/, '').toLowerCase().startsWith(`${field}:`));
  return (value === null ? others : [...others, term(field, value)]).join(' ');
}

/** The filter's text before, at and after a fault, to the next blank; `column` counts characters from 1, as the server does. */
export function markFault(filter: string, column: number): [string, string, string] {
  const chars = [...filter];
  const start = Math.min(Math.max(column - 1, 0), chars.length);
  const blank = chars.findIndex((char, index) => index > start && /\s/.test(char));
  const end = blank < 0 ? chars.length : blank;
  return [chars.slice(0, start).join(''), chars.slice(start, end).join(''), chars.slice(end).join('')];
}
