/*
 * The catalogues of all languages as they are, for who compares them: web/test/words.test.ts, and the browser test that
 * looks for English words on the German page.
 */
import { build } from 'esbuild';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = resolve(dirname(fileURLToPath(import.meta.url)), '..');

const ENTRY = `
  export { writeFor } from './src/lib/format';
  import { firstWords } from './src/words/en/first';
  import { later as english } from './src/words/en/later';
  import { first as germanFirst } from './src/words/de/first';
  import { later as german } from './src/words/de/later';
  export const en = { W: firstWords, ...english };
  export const de = { ...germanFirst, ...german };
`;

/** Resolves to `{ en, de, writeFor }`; each language has its catalogues by name. `root`: the folder web. */
export async function catalogues(root = web) {
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir: root, loader: 'ts' },
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'warning',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

/** Every text and function of a catalogue, with the path of its key: `W.live.pause`. */
export function entries(words, path = '') {
  if (typeof words !== 'object' || words === null) return [[path, words]];
  return Object.entries(words).flatMap(([name, value]) => entries(value, path ? `${path}.${name}` : name));
}

const MANY = 1_234_567;
const SOME = '\u0001';

/** What a function of a catalogue can say, with each of its values as a number or a text; what throws takes another kind. */
export function sayings(value) {
  if (typeof value === 'string') return [value];
  const said = new Set();
  const kinds = [MANY, 1, SOME];
  for (let at = 0; at < kinds.length ** value.length; at++) {
    const values = Array.from({ length: value.length }, (_, index) => kinds[Math.floor(at / kinds.length ** index) % kinds.length]);
    try {
      const text = value(...values);
      if (typeof text === 'string' && !/NaN|undefined/.test(text)) said.add(text);
    } catch {
      /* not of this kind */
    }
  }
  return [...said];
}

/** The same as one expression that a text of the page may match; null when it hardly holds a word of its own. */
export function pattern(saying) {
  const parts = saying.split(/\{\w+\}|\u0001|1[,.\u00a0\u202f]?234[,.\u00a0\u202f]?567|\b1\b/);
  if (parts.join('').replace(/\P{L}/gu, '').length < 5) return null;
  return new RegExp(`^${parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`, 'u');
}
