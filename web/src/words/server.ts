/*
 * Texts of the server in the page's language. The server says each in English, and beside it what it says as a code with
 * named values (`words`). A language has a table: code -> its text with the values' names in braces. Where it has none for a
 * code, or a text came without words, the server's own text stands.
 *
 * In a text of the table: {name} is the value, numbers as the reader writes them; {name?one|other} chooses by the number;
 * {name:span} are seconds as a span, {name:size} bytes, {name:time} a time, {name:rate} so many in ten minutes as a rate (by
 * `form.rate_minute` and `form.rate_ten`), {name:title} the title of the diagnosis with that key. Any other form is the
 * language's own: {name:day} is its text `form.day_VALUE` (`form.day_0` is Sunday). Where a value is texts side by side,
 * {name:or} joins them with `form.list_or`.
 */
import { count, size, span, when } from '../lib/format';

type Value = string | number;

export interface Words {
  code: string;
  params: Record<string, Value | (Words | string)[]>;
  then?: Words;
}

export type ServerTexts = Record<string, string>;

let texts: ServerTexts | null = null;

/** The table of the page's language; null: the server's own texts. Before anything is drawn. */
export function speakServer(table: ServerTexts | null): void {
  texts = table;
}

/** Whether the page says the server's texts itself. */
export const hasOwnTexts = (): boolean => texts !== null;

const FORMS: Record<string, (value: Value) => string> = {
  span: (value) => span(Number(value)),
  size: (value) => size(Number(value)),
  time: (value) => when(String(value), Date.now()),
  rate: (value) => {
    const many = Number(value) >= 20;
    const form = texts?.[many ? 'form.rate_minute' : 'form.rate_ten'] ?? '{n}';
    return form.replace('{n}', count(many ? Math.round(Number(value) / 10) : Number(value)));
  },
  title: (value) => texts?.[`diagnosis.${value}.title`] ?? String(value),
};

const plain = (value: Value): string => (typeof value === 'number' ? count(value) : value);

/** Texts within the text; null when one of them has no text here. */
function within(parts: (Words | string)[], form: string | undefined): string | null {
  const all = parts.map((part) => (typeof part === 'string' ? part : render(part)));
  return all.includes(null) ? null : all.join(texts?.[`form.list_${form}`] ?? ', ');
}

/** null: a value is missing, so that the server's own text says more. */
function place(inside: string, params: Words['params']): string | null {
  const [, name = '', choice, form] = /^(\w+)(?:\?(.*)|:(\w+))?$/s.exec(inside) ?? [];
  const value = params[name];
  if (value === undefined) return null;
  if (Array.isArray(value)) return within(value, form);
  if (choice !== undefined) return choice.split('|')[value === 1 ? 0 : 1] ?? '';
  if (form === undefined) return plain(value);
  return FORMS[form]?.(value) ?? texts?.[`form.${form}_${value}`] ?? plain(value);
}

function render({ code, params, then }: Words): string | null {
  const text = texts?.[code];
  if (text === undefined) return null;
  let whole = true;
  const own = text.replace(/\{([^{}]*)\}/g, (_, inside: string) => {
    const value = place(inside, params);
    whole &&= value !== null;
    return value ?? '';
  });
  if (!whole) return null;
  const rest = then && render(then);
  return rest === null ? null : rest === undefined ? own : `${own} ${rest}`;
}

/** A text of the server in the page's language. Of several texts one behind the other, all or none are translated. */
export function said(text: string, words: Words | null | undefined): string;
export function said(text: string | null, words: Words | null | undefined): string | null;
export function said(text: string | null, words: Words | null | undefined): string | null {
  return text === null || !texts || !words ? text : (render(words) ?? text);
}
