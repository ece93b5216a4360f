/*
 * Builds the page into web/dist: hashed scripts and styles, one icon sprite, index.html, and beside each file of it its
 * brotli and gzip forms, so that the server compresses nothing while it runs.
 * dist/docs is the documentation as a site of its own (build/docs), which can be put on any web server as it is.
 * dist/manifest.txt lists what to embed: one path a line, relative to dist, without the compressed forms.
 * `--watch` builds again on each change (with `postroom serve --page-dir web/dist`); `--out DIR` builds elsewhere.
 */
import { build, context } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { buildSite } from './docs/site.mjs';
import { Mistake } from './docs/text.mjs';
import { runbooksPlugin } from './runbooks.mjs';

const web = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const argument = (name) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};
const out = resolve(argument('--out') ?? join(web, 'dist'));
const watching = process.argv.includes('--watch');

/* What the first load may cost, in bytes of brotli: an operator on a bad line at night must not wait. */
const BUDGET = { script: 55_000, style: 12_000 };

const RUNBOOKS = join(web, '../docs/runbooks');

const hash = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 10);

/** One sprite of all icons in src/icons; each file is a Lucide icon, its strokes taken from the page's own style. */
function sprite() {
  const dir = join(web, 'src/icons');
  const symbols = readdirSync(dir)
    .filter((name) => name.endsWith('.svg'))
    .sort()
    .map((name) => {
      const inner = readFileSync(join(dir, name), 'utf8').replace(/^[\s\S]*?<svg[^>]*>|<\/svg>\s*$/g, '');
      return `<symbol id="${name.slice(0, -4)}" viewBox="0 0 24 24">${inner.replace(/\s*\n\s*/g, '')}</symbol>`;
    });
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`);
}

function writeAsset(name, bytes) {
  const dot = name.lastIndexOf('.');
  const path = `assets/${name.slice(0, dot)}-${hash(bytes)}${name.slice(dot)}`;
  writeFileSync(join(out, path), bytes);
  return path;
}

/** The tab's icons, by the state that each stands for. */
const ICONS = { plain: 'icon.svg', watch: 'icon-watch.svg', act: 'icon-act.svg' };

/*
 * Keeps the first load in one piece. esbuild puts modules together that the same entries reach, and each import() makes an
 * entry: the first load came in 25 pieces, which know nothing of each other when they are compressed. So whatever is loaded
 * later stands behind a module that imports the page's own entry, which runs already: then all entries reach all of it.
 */
function onePiece(entry) {
  return {
    name: 'one-piece',
    setup(b) {
      b.onResolve({ filter: /^\./ }, (args) => {
        if (args.kind !== 'dynamic-import') return undefined;
        return b
          .resolve(args.path, { kind: 'import-statement', resolveDir: args.resolveDir, importer: args.importer })
          .then((found) => (found.errors.length ? found : { path: found.path, namespace: 'later' }));
      });
      b.onLoad({ filter: /.*/, namespace: 'later' }, (args) => ({
        contents: `import ${JSON.stringify(entry)};\nexport * from ${JSON.stringify(args.path)};`,
        resolveDir: web,
      }));
    },
  };
}

function options(assets) {
  return {
    absWorkingDir: web,
    entryPoints: { app: 'src/main.tsx', style: 'src/styles/index.css', pages: 'src/styles/of_pages.css' },
    bundle: true,
    format: 'esm',
    splitting: true,
    target: ['es2022', 'chrome123', 'firefox120', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: !watching,
    sourcemap: false,
    metafile: true,
    outdir: join(out, 'assets'),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    legalComments: 'none',
    plugins: [onePiece(join(web, 'src/main.tsx')), runbooksPlugin(RUNBOOKS)],
    define: {
      SPRITE: JSON.stringify(assets.sprite),
      ICONS: JSON.stringify(Object.fromEntries(Object.keys(ICONS).map((name) => [name, assets[name]]))),
    },
    logLevel: 'warning',
  };
}

/** The files that the first load takes: the entry and, transitively, what it imports statically. */
function firstLoad(meta, entry) {
  const seen = new Set();
  const visit = (path) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const other of meta.outputs[path].imports) if (other.kind === 'import-statement') visit(other.path);
  };
  visit(entry);
  return [...seen];
}

const entryOf = (meta, source) => Object.keys(meta.outputs).find((path) => meta.outputs[path].entryPoint === source);
const fromDist = (path) => relative(out, resolve(web, path));

/* The documentation goes as it is: a page of it is read seldom, and compressed forms would make the package a tenth larger. */
const isDocs = (file) => file.startsWith('docs/');

function compress(path) {
  const bytes = readFileSync(path);
  const brotli = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  writeFileSync(`${path}.br`, brotli);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  return brotli.length;
}

function page(script, style, ofPages, icon, preloads) {
  const links = preloads.map((path) => `<link rel="modulepreload" href="${path}">`).join('\n');
  return readFileSync(join(web, 'src/index.html'), 'utf8')
    .replace('{{script}}', script)
    .replace('{{style}}', style)
    .replace('{{style-of-pages}}', ofPages)
    .replace('{{icon}}', icon)
    .replace('{{preloads}}', links);
}

/** Writes what esbuild doesn't: page, manifest, compressed forms. Returns false when a size is over its budget. */
function finish(meta, extra, docs) {
  const script = entryOf(meta, 'src/main.tsx');
  const style = entryOf(meta, 'src/styles/index.css');
  const ofPages = entryOf(meta, 'src/styles/of_pages.css');
  const scripts = firstLoad(meta, script);
  const preloads = scripts.filter((path) => path !== script).map(fromDist);
  writeFileSync(join(out, 'index.html'), page(fromDist(script), fromDist(style), fromDist(ofPages), extra.plain, preloads));
  const files = [...Object.keys(meta.outputs).map(fromDist), ...Object.values(extra), 'index.html', ...docs].sort();
  writeFileSync(join(out, 'manifest.txt'), files.map((file) => `${file}\n`).join(''));
  const sizes = new Map(files.map((file) => [file, isDocs(file) ? 0 : compress(join(out, file))]));
  const first = {
    script: scripts.map(fromDist).reduce((sum, file) => sum + sizes.get(file), 0),
    style: sizes.get(fromDist(style)),
  };
  let fits = true;
  for (const [kind, limit] of Object.entries(BUDGET)) {
    const verdict = first[kind] <= limit ? 'ok' : 'over its budget';
    console.log(`page: ${kind} of the first load ${first[kind]} bytes brotli, at most ${limit}: ${verdict}`);
    fits &&= first[kind] <= limit;
  }
  return fits;
}

/** Writes the documentation into dist/docs, with a style and a script of its own; gives its files. */
async function writeDocs() {
  const { metafile } = await build({
    absWorkingDir: web,
    entryPoints: { docs: 'src/docs/main.ts', style: 'src/docs/docs.css' },
    bundle: true,
    format: 'esm',
    target: ['es2022', 'chrome123', 'firefox120', 'safari17.5'],
    minify: true,
    metafile: true,
    outdir: join(out, 'docs'),
    entryNames: '[name]-[hash]',
    legalComments: 'none',
    logLevel: 'warning',
  });
  const nameOf = (source) => relative('docs', fromDist(entryOf(metafile, source)));
  writeFileSync(join(out, 'docs/icon.svg'), readFileSync(join(web, 'src/icon.svg')));
  const site = buildSite(join(web, '..'), { style: nameOf('src/docs/docs.css'), script: nameOf('src/docs/main.ts'), icon: 'icon.svg' });
  for (const [file, text] of site.files) writeFileSync(join(out, 'docs', file), text);
  return [...Object.keys(metafile.outputs).map(fromDist), 'docs/icon.svg', ...[...site.files.keys()].map((file) => `docs/${file}`)];
}

async function main() {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(join(out, 'assets'), { recursive: true });
  const extra = {
    sprite: writeAsset('sprite.svg', sprite()),
    ...Object.fromEntries(Object.entries(ICONS).map(([name, file]) => [name, writeAsset(file, readFileSync(join(web, 'src', file)))])),
  };
  /* Built once: whoever writes documentation while he watches the page starts again. */
  const docs = await writeDocs();
  if (!watching) {
    const result = await build(options(extra));
    if (!finish(result.metafile, extra, docs)) process.exitCode = 1;
    return;
  }
  const plugin = {
    name: 'finish',
    setup: (b) =>
      b.onEnd((r) => {
        if (r.metafile && existsSync(out)) finish(r.metafile, extra, docs);
      }),
  };
  const found = options(extra);
  const watcher = await context({ ...found, plugins: [...found.plugins, plugin] });
  await watcher.watch();
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Mistake)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
