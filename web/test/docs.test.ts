import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { readMarkdown } from '../build/docs/markdown.mjs';
import { buildSite, fileOf, readContents } from '../build/docs/site.mjs';
import { search, type SearchIndex } from '../src/docs/search';

const ROOT = resolve('..');
const ASSETS = { style: 'style.css', script: 'docs.js', icon: 'icon.svg' };
const here = (href: string) => href;

test('Markdown becomes HTML, in which every text is escaped', () => {
  const text =
    '# A & B\n\nSay `a<b>` and **bold**, *soft*: [there](x.html).\n\n## Two\n\n- one\n- two\n\n| a | b |\n|---|---|\n| `x` | <|\n\n```sh\necho "<&>"\n```\n';
  const page = readMarkdown('x.md', text, here);
  assert.equal(page.title, 'A & B');
  assert.match(page.html, /<h1 id="a--b">A &amp; B<\/h1>/);
  assert.match(page.html, /<code>a&lt;b&gt;<\/code> and <strong>bold<\/strong>, <em>soft<\/em>: <a href="x\.html">there<\/a>/);
  assert.match(page.html, /<pre tabindex="0" class="sh"><code>echo &quot;&lt;&amp;&gt;&quot;<\/code><\/pre>/);
  assert.match(page.html, /<td>&lt;<\/td>/);
  assert.deepEqual(
    page.headings.map(({ id }) => id),
    ['a--b', 'two'],
  );
  assert.deepEqual(page.links, ['x.html']);
});

test('what the site does not write is a mistake', () => {
  const wrong: [string, RegExp][] = [
    ['No title\n', /the first line is the title/],
    ['# A\n\n# B\n', /a second title: B/],
    ['# A\n\n<script>x</script>\n', /no HTML/],
    ['# A\n\nin <b>line</b>\n', /html has no place here/],
    ['# A\n\n![picture](x.png)\n', /image has no place here/],
    ['# A\n\n```sh maybe\nx\n```\n', /a fence is not sh maybe/],
  ];
  for (const [text, message] of wrong) assert.throws(() => readMarkdown('x.md', text, here), message, text);
});

test('the contents name groups and pages', () => {
  assert.deepEqual(readContents('# why\nOne\n  first-hour\n  docs/metrics.md Numbers of it\n'), [
    {
      title: 'One',
      sources: [
        { source: 'docs/guide/first-hour.md', label: '' },
        { source: 'docs/metrics.md', label: 'Numbers of it' },
      ],
    },
  ]);
  assert.throws(() => readContents('  alone\n'), /contents:1/);
  assert.equal(fileOf('docs/runbooks/flood.md'), 'runbook-flood.html');
  assert.equal(fileOf('man/postroom.conf.5'), 'postroom.conf.5.html');
  assert.equal(fileOf('src/main.c'), null);
});

const trees: string[] = [];
after(() => trees.forEach((dir) => rmSync(dir, { recursive: true })));

/** A small tree with `files` in it; what it becomes, or the mistakes. */
function siteOf(files: Record<string, string>) {
  const dir = mkdtempSync(join(tmpdir(), 'postroom-docs-'));
  trees.push(dir);
  const all = {
    'docs/guide/contents': 'Begin\n  index\n  two Second\n',
    'docs/guide/index.md': '# One\n\nSee [two](two.md#part).\n',
    'docs/guide/two.md': '# Two\n\nIt is here: [one](index.md), [source](../../src/x.c).\n\n## Part\n',
    'docs/runbooks/README.md': '# Runbooks\n',
    'src/x.c': '',
    'meson.build': "  version: '1.2.3',\n",
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return buildSite(dir, ASSETS);
}

test('a link in the tree is one in the site, and a file that the site has not is only named', () => {
  const { files } = siteOf({});
  assert.match(files.get('index.html')!, /See <a href="two\.html#part">two<\/a>/);
  assert.match(files.get('two.html')!, /<a href="index\.html">one<\/a>, source\./);
  assert.match(files.get('two.html')!, /<a href="two\.html" aria-current="page">Second<\/a>/);
});

test('a dead link, a heading that is not there and a page that nothing names do not build', () => {
  assert.throws(() => siteOf({ 'docs/guide/index.md': '# One\n\n[x](three.md)\n' }), /index\.md: there is no three\.md/);
  assert.throws(() => siteOf({ 'docs/guide/index.md': '# One\n\n[x](two.md#parts)\n' }), /two\.html has no parts/);
  assert.throws(() => siteOf({ 'docs/guide/index.md': '# One\n\n[x](#nowhere)\n' }), /has no nowhere/);
  assert.throws(() => siteOf({ 'docs/guide/index.md': '# One\n\n[x](../../../etc/passwd)\n' }), /there is no/);
  assert.throws(() => siteOf({ 'docs/guide/three.md': '# Three\n' }), /three\.md is not in docs\/guide\/contents/);
  assert.throws(() => siteOf({ 'docs/guide/contents': 'A\n  index\n  two\n  gone\n' }), /gone\.md is not there/);
});

test('the site of the product: each page can be read without script or anything from elsewhere, and is found', () => {
  const { files, pages } = buildSite(ROOT, ASSETS);
  assert.ok(pages.length > 35, `${pages.length}`);
  for (const [name, text] of files)
    if (name.endsWith('.html')) {
      assert.deepEqual(
        [
          ...text.matchAll(/<script(?! type="module" src="docs\.js")|\sstyle=|\son[a-z]+=|<(?:img|iframe|object|link[^>]*href="http)/g),
        ].join(),
        '',
        name,
      );
      const ids = [...text.matchAll(/\bid="([^"]*)"/g)].map((m) => m[1]);
      assert.equal(new Set(ids).size, ids.length, `${name} has an ID twice`);
    }
  /* Each is in the contents of itself, and all are the same from one build to the next. */
  for (const { file } of pages) assert.match(files.get(file)!, /aria-current="page"/, file);
  assert.deepEqual(buildSite(ROOT, ASSETS).files, files);

  const index = JSON.parse(files.get('search.json')!) as SearchIndex;
  const first = (text: string) => search(index, text)[0]?.href ?? '';
  assert.match(first('trusted_proxy'), /^postroom\.conf\.5\.html/);
  assert.match(first('first hour'), /^first-hour\.html/);
  assert.match(first('backscatter'), /^runbook-backscatter\.html/);
  assert.match(first('previews'), /^api-actions\.html/);
  assert.deepEqual(search(index, 'nosuchword'), []);
  assert.deepEqual(search(index, 'x'), []);
  assert.ok(search(index, 'mail').length <= 20);
});
