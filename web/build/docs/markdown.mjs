/*
 * Markdown as HTML, by the tokens of `marked`. Only what stands in the tables below is written; HTML in a text, pictures and
 * unknown kinds of fences are mistakes, so that no page says what its author did not see.
 */
import { lexer } from 'marked';
import { decodeEntities, escapeHtml, Mistake, textOf } from './text.mjs';

/* What a fence may be: a language, and what the test of the commands does with one of `sh` (tests/system/docs_commands). */
const FENCE = /^(sh( installed| example)?|[a-z]+)?$/;

/** As in the address of a heading on the pages of code hosts, so that a link works in the tree too. */
const slug = (text) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

class Writer {
  constructor(file, resolve) {
    this.file = file;
    this.resolve = resolve;
    this.headings = [];
    this.ids = new Map();
    this.links = [];
  }

  fail(what) {
    throw new Mistake(`${this.file}: ${what}`);
  }

  id(text) {
    const base = slug(text);
    const times = this.ids.get(base) ?? 0;
    this.ids.set(base, times + 1);
    return times ? `${base}-${times}` : base;
  }

  link({ href, tokens }) {
    const words = this.inline(tokens);
    const to = this.resolve(href, (what) => this.fail(what));
    if (to === null) return words;
    this.links.push(to);
    return `<a href="${escapeHtml(to)}">${words}</a>`;
  }

  inline(tokens) {
    return tokens
      .map((token) => (INLINE[token.type] ?? (() => this.fail(`${token.type} has no place here: ${token.raw}`)))(token, this))
      .join('');
  }

  blocks(tokens) {
    return tokens
      .map((token) => (BLOCKS[token.type] ?? (() => this.fail(`${token.type} has no place here: ${token.raw}`)))(token, this))
      .join('');
  }
}

const INLINE = {
  text: (t, w) => (t.tokens ? w.inline(t.tokens) : escapeHtml(decodeEntities(t.raw))),
  escape: (t) => escapeHtml(t.text),
  strong: (t, w) => `<strong>${w.inline(t.tokens)}</strong>`,
  em: (t, w) => `<em>${w.inline(t.tokens)}</em>`,
  codespan: (t) => `<code>${escapeHtml(t.raw.replace(/^(`+) ?([^]*?) ?\1$/, '$2'))}</code>`,
  br: () => '<br>',
  link: (t, w) => w.link(t),
};

const cell = (tag) => (c, w) => `<${tag}>${w.inline(c.tokens)}</${tag}>`;

const BLOCKS = {
  space: () => '',
  hr: () => '<hr>\n',
  heading(t, w) {
    const html = w.inline(t.tokens);
    const text = textOf(html);
    const id = w.id(text);
    w.headings.push({ level: t.depth, id, text });
    return `<h${t.depth} id="${id}">${html}</h${t.depth}>\n`;
  },
  paragraph: (t, w) => `<p>${w.inline(t.tokens)}</p>\n`,
  text: (t, w) => INLINE.text(t, w),
  blockquote: (t, w) => `<blockquote>${w.blocks(t.tokens)}</blockquote>\n`,
  code(t, w) {
    if (!FENCE.test(t.lang ?? '')) w.fail(`a fence is not ${t.lang}`);
    /* A box that scrolls must be reached by the keyboard. */
    return `<pre tabindex="0"${t.lang ? ` class="${t.lang}"` : ''}><code>${escapeHtml(t.text)}</code></pre>\n`;
  },
  list(t, w) {
    const tag = t.ordered ? 'ol' : 'ul';
    const start = t.ordered && t.start !== 1 ? ` start="${t.start}"` : '';
    return `<${tag}${start}>\n${t.items.map((item) => `<li>${w.blocks(item.tokens)}</li>\n`).join('')}</${tag}>\n`;
  },
  table(t, w) {
    const rows = t.rows.map((row) => `<tr>${row.map((c) => cell('td')(c, w)).join('')}</tr>\n`).join('');
    return (
      `<div class="table" role="group" aria-label="Table" tabindex="0"><table>\n<thead><tr>${t.header.map((c) => cell('th')(c, w)).join('')}</tr></thead>\n` +
      `<tbody>\n${rows}</tbody></table></div>\n`
    );
  },
  html(t, w) {
    /* What makes a page may leave its mark, as tools/metrics.js does. */
    return /^<!--[^]*-->\s*$/.test(t.raw) ? '' : w.fail(`no HTML: ${t.raw.trim()}`);
  },
};

/**
 * {title, html, headings, links} of a page; its first line is the title. `resolve(href, fail)` gives where a link leads, or
 * null where its words stand for themselves.
 */
export function readMarkdown(file, text, resolve) {
  const writer = new Writer(file, resolve);
  if (!/^# \S/.test(text)) writer.fail('the first line is the title: # Title');
  const html = writer.blocks(lexer(text));
  const [title, ...others] = writer.headings.filter(({ level }) => level === 1);
  if (others.length) writer.fail(`a second title: ${others[0].text}`);
  return { title: title.text, html, headings: writer.headings, links: writer.links };
}
