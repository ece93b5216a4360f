/* Looks words up in the index that the site was built with (web/build/docs/search.mjs says how it is written). */

export interface SearchIndex {
  /** File and title of each page. */
  pages: [string, string][];
  /** Number of the page, ID of the heading ('' for the page itself), its text. */
  sections: [number, string, string][];
  /** A word, a blank, and the sections that have it, as differences in base 36; in order. */
  words: string[];
}

export interface Found {
  href: string;
  page: string;
  heading: string;
}

const FOUND_MAX = 20;
/* What a word counts for: where it stands in a heading or title, whole, or as the beginning of another. */
const IN_HEADING = 8;
const IN_TITLE = 6;
const WHOLE = 3;
const BEGINS = 1;

function placesOf(entry: string, at: number): number[] {
  let place = 0;
  return entry
    .slice(at)
    .split(',')
    .map((text) => (place += parseInt(text, 36)));
}

/** The first entry whose word is not before `word`. */
function firstFrom(words: string[], word: string): number {
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (words[middle]! < word) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What each section gets for one word. */
function scoresOf(index: SearchIndex, word: string): Map<number, number> {
  const scores = new Map<number, number>();
  for (let i = firstFrom(index.words, word); i < index.words.length && index.words[i]!.startsWith(word); i++) {
    const entry = index.words[i]!;
    const end = entry.indexOf(' ');
    for (const place of placesOf(entry, end + 1)) scores.set(place, Math.max(scores.get(place) ?? 0, end === word.length ? WHOLE : BEGINS));
  }
  index.sections.forEach(([page, , heading], place) => {
    const more =
      (heading.toLowerCase().includes(word) ? IN_HEADING : 0) + (index.pages[page]![1].toLowerCase().includes(word) ? IN_TITLE : 0);
    if (more) scores.set(place, (scores.get(place) ?? 0) + more);
  });
  return scores;
}

/** The sections that have all words of `text`, the best first. */
export function search(index: SearchIndex, text: string): Found[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) ?? [];
  if (words.length === 0) return [];
  const [first, ...others] = words.map((word) => scoresOf(index, word));
  const all = [...first!].flatMap(([place, score]) => {
    const more = others.map((scores) => scores.get(place));
    return more.includes(undefined) ? [] : [{ place, score: more.reduce<number>((sum, one) => sum + one!, score) }];
  });
  all.sort((a, b) => b.score - a.score || a.place - b.place);
  return all.slice(0, FOUND_MAX).map(({ place }) => {
    const [page, id, heading] = index.sections[place]!;
    const [file, title] = index.pages[page]!;
    return { href: file + (id ? `#${id}` : ''), page: title, heading };
  });
}
