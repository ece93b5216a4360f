/*
 * What the server says in replies and events, in the page's language: one door for all of it, so that no text is forgotten
 * where it is shown. A text that carries its words beside it is replaced; all else stays.
 */
import { hasOwnTexts, said, type Words } from './server';

const isWords = (value: unknown): value is Words =>
  typeof value === 'object' && value !== null && typeof (value as Words).code === 'string';

function walk(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(walk);
  if (typeof value !== 'object' || value === null) return value;
  const all = value as Record<string, unknown>;
  const found: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(all)) {
    const words = all[name === 'text' ? 'words' : `${name}_words`];
    found[name] = typeof inner === 'string' && isWords(words) ? said(inner, words) : walk(inner);
  }
  return found;
}

/** A reply as the page shows it. English replies are passed on as they are. */
export const translated = <T>(reply: T): T => (hasOwnTexts() ? (walk(reply) as T) : reply);
