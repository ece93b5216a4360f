/*
 * Reads docs/runbooks: each NAME.md becomes blocks that the page draws as its own elements, so that no HTML is ever made
 * of text. The Markdown is a small part of it, and what is none of that part is a mistake with its line, never a guess:
 *
 *   # Title (once, first) · ## Heading · paragraphs · lists of one level with - or 1. (further lines indented)
 *   | tables | with a head | · fenced text with sh (commands), log (what Postfix writes) or text
 *   in a line: `code`, **bold**, [words](name.md) to another runbook
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const FENCES = ['sh', 'log', 'text'];
/* A line of a runbook that begins like anything else of Markdown. */
const FOREIGN = /^(#{3,}|>|\*\s|\+\s|~~~|---+\s*$|<|!\[| {4})/;

class Mistake extends Error {}

/** The pieces of a line: text, {code}, {bold}, {to, text}. */
function inline(text, fail) {
  const pieces = [];
  let rest = text;
  while (rest !== '') {
    const found = /`([^`]+)`|\*\*([^*`]+)\*\*|\[([^\]`]+)\]\(([^)]*)\)/.exec(rest);
    const plain = found ? rest.slice(0, found.index) : rest;
    if (/[`<]|\*\*|\]\(/.test(plain)) fail(`neither code, nor bold, nor a link: ${plain.trim()}`);
    if (plain) pieces.push(plain);
    if (!found) break;
    const [whole, code, bold, words, target] = found;
    if (code !== undefined) pieces.push({ code });
    else if (bold !== undefined) pieces.push({ bold });
    else {
      const name = /^([a-z0-9-]+)\.md$/.exec(target)?.[1];
      if (!name) fail(`a link leads to another runbook, NAME.md, and not to ${target}`);
      pieces.push({ to: name, text: words });
    }
    rest = rest.slice(found.index + whole.length);
  }
  return pieces;
}

/** The lines of one file, read block by block. */
class Reader {
  constructor(name, text) {
    this.name = name;
    this.lines = text.replace(/\n$/, '').split('\n');
    this.at = 0;
  }

  fail(what) {
    throw new Mistake(`${this.name}.md:${Math.min(this.at + 1, this.lines.length)}: ${what}`);
  }

  get line() {
    return this.lines[this.at];
  }

  words(text) {
    return inline(text, (what) => this.fail(what));
  }

  /** A line that goes on what began: no block of its own. */
  goesOn() {
    return this.at < this.lines.length && this.line !== '' && !/^(#|```|\||- |\d+\. )/.test(this.line);
  }

  fence() {
    const kind = this.line.slice(3);
    if (!FENCES.includes(kind)) this.fail(`a fence is ${FENCES.join(', ')}, and not ${kind || 'nothing'}`);
    const from = ++this.at;
    while (this.at < this.lines.length && this.line !== '```') this.at++;
    if (this.at === this.lines.length) this.fail('the fence does not end');
    const text = this.lines.slice(from, this.at++).join('\n');
    if (!text.trim()) this.fail('nothing stands in the fence');
    return { kind: 'fence', what: kind, text };
  }

  list() {
    const ordered = /^\d/.test(this.line);
    const items = [];
    while (this.at < this.lines.length && /^(- |\d+\. )/.test(this.line)) {
      const mark = ordered ? `${items.length + 1}. ` : '- ';
      if (!this.line.startsWith(mark)) this.fail(`the next item begins with "${mark}"`);
      let text = this.line.slice(mark.length);
      for (this.at++; this.goesOn(); this.at++) {
        if (!this.line.startsWith(' '.repeat(mark.length)) || this.line[mark.length] === ' ')
          this.fail('further lines of an item are indented as its text');
        text += ` ${this.line.trim()}`;
      }
      items.push(this.words(text));
    }
    return { kind: 'list', ordered, items };
  }

  row() {
    if (!/^\|.*\|$/.test(this.line)) this.fail('a row of a table ends with |');
    return this.lines[this.at++]
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
  }

  table() {
    const cells = (row) => row.map((cell) => this.words(cell));
    const head = cells(this.row());
    if (!/^\|(---+\|)+$/.test(this.line ?? '')) this.fail('below the head of a table stands |---|');
    this.at++;
    const rows = [];
    while (this.line?.startsWith('|')) {
      const row = this.row();
      if (row.length !== head.length) this.fail(`this row has ${row.length} cells, its head ${head.length}`);
      rows.push(cells(row));
    }
    if (rows.length === 0) this.fail('the table has no rows');
    return { kind: 'table', head, rows };
  }

  paragraph() {
    if (FOREIGN.test(this.line)) this.fail('this is not of the part of Markdown that runbooks are written in');
    let text = this.lines[this.at++];
    for (; this.goesOn(); this.at++) {
      if (FOREIGN.test(this.line)) this.fail('this is not of the part of Markdown that runbooks are written in');
      text += ` ${this.line}`;
    }
    return { kind: 'paragraph', text: this.words(text) };
  }

  block() {
    if (this.line.startsWith('## ')) return { kind: 'heading', text: this.lines[this.at++].slice(3) };
    if (this.line.startsWith('# ')) this.fail('a runbook has one title');
    if (this.line.startsWith('```')) return this.fence();
    if (this.line.startsWith('|')) return this.table();
    if (/^(- |\d+\. )/.test(this.line)) return this.list();
    return this.paragraph();
  }

  /** Blocks, each after an empty line. */
  read() {
    const title = /^# (\S.*)$/.exec(this.line ?? '')?.[1];
    if (!title) this.fail('the first line is the title: # Title');
    this.at++;
    const blocks = [];
    while (this.at < this.lines.length) {
      if (this.line !== '') this.fail('an empty line belongs before this');
      this.at++;
      if (this.at === this.lines.length || this.line === '') this.fail('one empty line is enough');
      blocks.push(this.block());
    }
    if (blocks[0]?.kind !== 'paragraph') this.fail('below the title stands what it means, in a paragraph');
    return { name: this.name, title, blocks };
  }
}

/** {name, title, blocks}; throws a text with file and line. */
export const parseRunbook = (name, text) => new Reader(name, text).read();

/** The names of the runbooks that one links. */
export function linksOf(runbook) {
  const names = [];
  JSON.stringify(runbook, (key, value) => {
    if (value && typeof value === 'object' && 'to' in value) names.push(value.to);
    return value;
  });
  return names;
}

const namesIn = (dir) =>
  readdirSync(dir)
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .map((file) => file.slice(0, -3))
    .sort();

/** All of them, by name. */
export const readRunbooks = (dir) => namesIn(dir).map((name) => parseRunbook(name, readFileSync(join(dir, `${name}.md`), 'utf8')));

/** What is wrong in a directory of runbooks, one line each. */
export function mistakesIn(dir) {
  const names = namesIn(dir);
  const wrong = names
    .filter((name) => !NAME.test(name))
    .map((name) => `${name}.md: a name is words of small letters and digits, joined by hyphens`);
  for (const name of names)
    try {
      const runbook = parseRunbook(name, readFileSync(join(dir, `${name}.md`), 'utf8'));
      for (const to of linksOf(runbook)) if (!names.includes(to)) wrong.push(`${name}.md: there is no runbook ${to}`);
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      wrong.push(error.message);
    }
  return wrong;
}

/** For esbuild: `import ... from 'runbooks'` is all of them, as the page draws them (src/runbook/runbooks.d.ts). */
export const runbooksPlugin = (dir) => ({
  name: 'runbooks',
  setup(build) {
    build.onResolve({ filter: /^runbooks$/ }, () => ({ path: 'runbooks', namespace: 'runbooks' }));
    build.onLoad({ filter: /.*/, namespace: 'runbooks' }, () => ({
      contents: JSON.stringify(readRunbooks(dir)),
      loader: 'json',
      watchFiles: namesIn(dir).map((name) => join(dir, `${name}.md`)),
    }));
  },
});
