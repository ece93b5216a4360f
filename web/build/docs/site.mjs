/*
 * The documentation as a site: docs/guide/contents names the pages and their order; each comes from Markdown, from a manual
 * page or from the contract. All links are looked at; a dead one, or a page that nothing names, is a mistake.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { readContract, SCHEMAS } from './api.mjs';
import { layOut } from './layout.mjs';
import { readManual } from './manual.mjs';
import { readMarkdown } from './markdown.mjs';
import { buildIndex } from './search.mjs';
import { escapeHtml, Mistake } from './text.mjs';

const GUIDE = 'docs/guide';
const RUNBOOKS = 'docs/runbooks';
const CONTRACT = 'api/openapi.yaml';

/** The file of the site that a file of the tree becomes; null for what is not of the site. */
export function fileOf(source) {
  const guide = /^docs\/guide\/([a-z0-9-]+)\.md$/.exec(source)?.[1];
  if (guide) return `${guide}.html`;
  const runbook = /^docs\/runbooks\/([a-z0-9-]+)\.md$/.exec(source)?.[1];
  if (runbook) return `runbook-${runbook}.html`;
  if (source === `${RUNBOOKS}/README.md`) return 'runbooks.html';
  if (source === CONTRACT) return 'api.html';
  const manual = /^man\/(.*\.\d)$/.exec(source)?.[1];
  if (manual) return `${manual}.html`;
  if (source === 'CHANGELOG.md') return 'changes.html';
  const other = /^docs\/([A-Za-z-]+)\.md$/.exec(source)?.[1];
  return other ? `${other.toLowerCase()}.html` : null;
}

/**
 * docs/guide/contents: a line at the margin is a group's title; below it, indented, a page: NAME of docs/guide, or a path in
 * the tree, and behind it what the contents call it, where that is not its title. Lines with # are comments.
 */
export function readContents(text) {
  const groups = [];
  text.split('\n').forEach((line, i) => {
    if (!line.trim() || line.startsWith('#')) return;
    if (!/^\s/.test(line)) {
      groups.push({ title: line.trim(), sources: [] });
      return;
    }
    const [name, label] = /^\s+(\S+)\s*(.*)$/.exec(line).slice(1);
    if (!groups.length) throw new Mistake(`${GUIDE}/contents:${i + 1}: a page stands below a group`);
    groups.at(-1).sources.push({ source: /[/.]/.test(name) ? name : `${GUIDE}/${name}.md`, label });
  });
  if (!groups.length) throw new Mistake(`${GUIDE}/contents: no groups`);
  return groups;
}

/** Reads the sources of one tree into pages. */
class Site {
  constructor(root) {
    this.root = root;
    this.groups = readContents(this.text(`${GUIDE}/contents`));
    const runbooks = this.names(RUNBOOKS).filter((name) => name !== 'README');
    this.runbooks = runbooks.map((name) => ({ source: `${RUNBOOKS}/${name}.md`, label: '' }));
    this.sources = this.groups.flatMap(({ sources }) =>
      sources.flatMap((entry) => (entry.source === `${RUNBOOKS}/README.md` ? [entry, ...this.runbooks] : [entry])),
    );
    this.files = new Set(this.sources.map(({ source }) => fileOf(source)));
    if (this.files.has(null) || this.files.size !== this.sources.length)
      throw new Mistake(`${GUIDE}/contents: a source twice, two of one name, or one that becomes no page`);
  }

  text(path) {
    if (!existsSync(join(this.root, path))) throw new Mistake(`${path} is not there`);
    return readFileSync(join(this.root, path), 'utf8');
  }

  names(dir) {
    return readdirSync(join(this.root, dir))
      .filter((name) => name.endsWith('.md'))
      .map((name) => name.slice(0, -3))
      .sort();
  }

  /** Where a link in `source` leads, in the site; null for a file of the tree that the site has not. */
  resolver(source) {
    return (href, fail) => {
      if (/^https?:\/\//.test(href)) return href;
      const [path, anchor] = href.split('#');
      const target = path === '' ? source : relative(this.root, resolve(this.root, dirname(source), path));
      if (target.startsWith('..') || !existsSync(join(this.root, target))) return fail(`there is no ${href}`);
      const file = fileOf(target);
      return this.files.has(file) ? (path === '' ? '' : file) + (anchor === undefined ? '' : `#${anchor}`) : null;
    };
  }

  markdown({ source }) {
    const page = readMarkdown(source, this.text(source), this.resolver(source));
    if (source !== `${RUNBOOKS}/README.md`) return page;
    const items = this.runbooks.map((entry) => {
      const { title } = readMarkdown(entry.source, this.text(entry.source), this.resolver(entry.source));
      return `<li><a href="${fileOf(entry.source)}">${escapeHtml(title)}</a></li>\n`;
    });
    return {
      ...page,
      html: `${page.html}<ul class="pages">\n${items.join('')}</ul>\n`,
      links: [...page.links, ...this.runbooks.map((e) => fileOf(e.source))],
    };
  }

  page(entry, parent) {
    const { source } = entry;
    const manual = /^man\/(.*\.\d)$/.exec(source)?.[1];
    const read = manual ? readManual(join(this.root, source), manual, (file) => this.files.has(file)) : this.markdown(entry);
    return { file: fileOf(source), source, parent, label: entry.label || read.title, ...read };
  }

  /** The pages below docs/guide/api.md, and the table of all operations in it. */
  contract(page) {
    const { table, links, pages } = readContract(this.text(CONTRACT));
    page.html += table;
    page.links.push(...links);
    return pages.map((one) => ({
      source: CONTRACT,
      parent: page.file,
      label: one.title.replace(/^API: (.)/, (_, first) => first.toUpperCase()),
      ...one,
    }));
  }

  read() {
    this.pages = [];
    for (const group of this.groups) {
      group.pages = [];
      for (const entry of group.sources) {
        const page = this.page(entry, null);
        group.pages.push(page);
        this.pages.push(page);
        if (entry.source === `${RUNBOOKS}/README.md`) this.pages.push(...this.runbooks.map((below) => this.page(below, page.file)));
        if (entry.source === `${GUIDE}/api.md`) this.pages.push(...this.contract(page));
      }
    }
    return this;
  }
}

/** What is wrong with the links between pages, one line each. */
export function deadLinks(pages) {
  const ids = new Map(pages.map((page) => [page.file, new Set([...page.html.matchAll(/\bid="([^"]*)"/g)].map((m) => m[1]))]));
  return pages.flatMap((page) =>
    page.links
      .filter((link) => !/^https?:/.test(link))
      .flatMap((link) => {
        const [file, anchor] = link.split('#');
        const at = ids.get(file || page.file);
        if (!at) return [`${page.source}: there is no page ${file}`];
        return anchor && !at.has(anchor) ? [`${page.source}: ${file || page.file} has no ${anchor}`] : [];
      }),
  );
}

/** What docs/guide has and its contents have not. */
function orphans(site) {
  const named = new Set(site.sources.map(({ source }) => source));
  return site
    .names(GUIDE)
    .map((name) => `${GUIDE}/${name}.md`)
    .filter((source) => !named.has(source))
    .map((source) => `${source} is not in ${GUIDE}/contents`);
}

/** What a page is about, for the list of pages: what a manual page says of itself, else the first sentence below the title. */
function aboutOf(page) {
  if (page.source.startsWith('man/')) return escapeHtml(`${page.title.replace(/^.*?: /, '')}.`);
  return (/<p>([^]*?[.:])(?=\s|<\/p>)/.exec(page.html)?.[1] ?? '').replace(/<\/?a\b[^>]*>/g, '').replace(/:$/, '.');
}

function addIndex(site) {
  const lists = site.groups.map(({ title, pages }) => {
    const items = pages
      .filter(({ file }) => file !== 'index.html')
      .map((page) => `<li><a href="${page.file}">${escapeHtml(page.label)}</a> <span>${aboutOf(page)}</span></li>\n`);
    return items.length ? `<h2>${escapeHtml(title)}</h2>\n<ul class="pages">\n${items.join('')}</ul>\n` : '';
  });
  const index = site.pages.find(({ file }) => file === 'index.html');
  if (!index) throw new Mistake(`${GUIDE}/contents: index is missing`);
  index.html += lists.join('');
}

/**
 * {files: Map of name to text, pages}; throws a Mistake with all that is wrong. `assets`: {style, script, icon}, the names of
 * files beside the pages.
 */
export function buildSite(root, assets) {
  const site = new Site(root).read();
  Object.assign(site, assets, { version: /^ *version: '([^']+)'/m.exec(site.text('meson.build'))[1] });
  const wrong = [...orphans(site), ...deadLinks(site.pages)];
  if (wrong.length) throw new Mistake(wrong.join('\n'));
  addIndex(site);
  const files = new Map(site.pages.map((page, number) => [page.file, layOut(site, number)]));
  files.set('search.json', JSON.stringify(buildIndex(site.pages)));
  return { files, pages: site.pages };
}

export { SCHEMAS };
