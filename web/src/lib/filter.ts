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

/** The terms of a filter as they are written, in order; `not` stands with what it turns round. */
export function terms(filter: string): string[] {
  const found: string[] = [];
  let depth = 0;
  for (const word of filter.match(/(?:"(?:\\.|[^"\\])*"?|[^\s"])+/g) ?? []) {
    if (depth > 0 || /^not$/i.test(found.at(-1) ?? '')) found.push(`${found.pop()} ${word}`);
    else found.push(word);
    const outside = word.replace(/"(?:\\.|[^"\\])*"?/g, '');
    depth = Math.max(0, depth + outside.split('(').length - outside.split(')').length);
  }
  return found;
}

/**
 * Whether somebody who typed this may have ended its last term: a bare word may become the name of a field, a number that
 * is compared its unit, an operator wants something behind it. A blank, a quote or a parenthesis behind it ends a term.
 */
export function isEnded(filter: string): boolean {
  const last = /(?:"(?:\\.|[^"\\])*"?|[^\s"()])*$/.exec(filter)![0].replace(/^-/, '');
  if (last === '') return !/(?:^|[\s(])(?:-|not|or)\s*$/i.test(filter);
  if (/"$/.test(last) && !/^[^"]*"[^"]*$/.test(last)) return true;
  const compared = /^[a-z_]+([:<>=]+)(.*)$/i.exec(last);
  if (!compared) return false;
  return /[<>]/.test(compared[1]!) ? /[^\d.]$/.test(compared[2]!) : compared[2] !== '' && compared[2] !== '=';
}

/** Whether `or` joins its terms: what is added then stands beside all of it, not beside the last alternative. */
const hasOr = (filter: string): boolean => terms(filter).some((each) => /^or$/i.test(each));

const closed = (text: string): string => (terms(text).length > 1 ? `(${text})` : text);

/** Turns a term round: takes its leading minus or `not`, or gives it a minus. */
export const negate = (text: string): string => (/^(?:-|not\s)/i.test(text) ? text.replace(/^(?:-|not\s+)/i, '') : `-${closed(text)}`);

/** The filter with a term (or several) added; its opposite goes, and what is there already is not added twice. */
export function withTerm(filter: string, added: string, exclude = false): string {
  const wanted = exclude ? negate(added) : added;
  if (hasOr(filter)) return `(${filter.trim()}) ${wanted}`;
  const rest = terms(filter).filter((other) => other !== negate(wanted));
  return [...rest, ...terms(wanted).filter((each) => !rest.includes(each))].join(' ');
}

/** Replaces every term of a field (excluded ones too) by one, or by none when `value` is null. */
export function withField(filter: string, field: string, value: string | null): string {
  if (hasOr(filter)) return value === null ? filter : withTerm(filter, term(field, value));
  const others = terms(filter).filter(
    (other) =>
      !other
        .replace(/^(?:-|not\s+)/i, '')
        .toLowerCase()
        .startsWith(`${field}:`),
  );
  return (value === null ? others : [...others, term(field, value)]).join(' ');
}

/** A span of the filter's text as the server names it: in characters (code points), from 1. */
export interface Place {
  column: number;
  length: number;
}

/** The text with a span replaced, and where the cursor then stands behind it, as a browser counts (UTF-16). */
export function replaced(filter: string, { column, length }: Place, by: string): { text: string; cursor: number } {
  const chars = [...filter];
  const before = chars.slice(0, column - 1).join('') + by;
  return { text: before + chars.slice(column - 1 + length).join(''), cursor: before.length };
}

/** Characters before the cursor, as the server counts. */
export const codePoints = (text: string, cursor: number): number => [...text.slice(0, cursor)].length;

/** The filter's text before, at and after a fault, to the next blank; `column` counts characters from 1, as the server does. */
export function markFault(filter: string, column: number): [string, string, string] {
  const chars = [...filter];
  const start = Math.min(Math.max(column - 1, 0), chars.length);
  const blank = chars.findIndex((char, index) => index > start && /\s/.test(char));
  const end = blank < 0 ? chars.length : blank;
  return [chars.slice(0, start).join(''), chars.slice(start, end).join(''), chars.slice(end).join('')];
}
