/* A text with a number in it, in the form that the language has for that number. */
import { count, pluralOf } from '../lib/format';

/** A text for each kind of number that a language tells apart (Intl.PluralRules); `other` is for all that have none. */
export type Forms = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>;

/** `#` stands for the number. */
export const n = (value: number, forms: Forms): string => formOf(value, forms).replace('#', count(value));

/** Where the number is not in the text, or is drawn by who shows it. */
export const formOf = (value: number, forms: Forms): string => forms[pluralOf(value)] ?? forms.other;
