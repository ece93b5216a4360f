/*
 * The index for a search without a server: which words stand in which sections. The words of a page are not in it twice,
 * and not in their order, so it is a third of the size of the texts (web/src/docs/search.ts reads it).
 *
 *   pages: [file, title] · sections: [page, id, heading] · words: "word" + a blank + section numbers, the first as it is,
 *   the others as the difference from the one before, in base 36 with commas
 */
import { textOf } from './text.mjs';

/* In more sections than this share a word tells nothing. */
const COMMON = 0.3;

/** The words of a text, and the parts of those that are joined: base_path is also base and path. */
export function wordsOf(text) {
  const words = new Set();
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) ?? []) {
    words.add(word);
    if (word.includes('_')) for (const part of word.split('_')) if (part.length > 1) words.add(part);
  }
  return words;
}

/** The sections of a page: what stands between two marks (headings, and the items of a manual page). */
function sectionsOf(page) {
  const marks = [...page.html.matchAll(/<(h[1-4]|dt)\b[^>]*?id="([^"]*)"[^>]*>([^]*?)<\/\1>/g)];
  const starts = [{ index: 0, id: '', heading: '' }, ...marks.map((m) => ({ index: m.index, id: m[2], heading: textOf(m[3]) }))];
  return starts
    .map(({ index, id, heading }, i) => ({
      id: heading === page.title ? '' : id,
      heading: heading === page.title ? '' : heading.slice(0, 80),
      text: textOf(page.html.slice(index, starts[i + 1]?.index)),
    }))
    .filter(({ text }) => text !== '');
}

export function buildIndex(pages) {
  const sections = [];
  const found = new Map();
  pages.forEach((page, number) => {
    for (const section of sectionsOf(page)) {
      for (const word of wordsOf(`${page.title} ${section.text}`)) {
        if (!found.has(word)) found.set(word, []);
        found.get(word).push(sections.length);
      }
      sections.push([number, section.id, section.heading]);
    }
  });
  const words = [...found]
    .filter(([, places]) => places.length <= Math.max(sections.length * COMMON, 5))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([word, places]) => `${word} ${places.map((place, i) => (i ? place - places[i - 1] : place).toString(36)).join(',')}`);
  return { pages: pages.map(({ file, title }) => [file, title]), sections, words };
}
