/* Bundles test/*.test.ts into a temporary directory (Node 18 reads no TypeScript) and runs them with node's own runner. */
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runbooksPlugin } from './runbooks.mjs';

const web = resolve(dirname(fileURLToPath(import.meta.url)), '..');
/* Inside web, so that what stays external (happy-dom) is found; node_modules is never committed. */
const out = mkdtempSync(join(web, 'node_modules/.test-'));
try {
  const names = readdirSync(join(web, 'test')).filter((name) => /\.test\.tsx?$/.test(name));
  await build({
    absWorkingDir: web,
    entryPoints: names.map((name) => `test/${name}`),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node18',
    outdir: out,
    outExtension: { '.js': '.mjs' },
    jsx: 'automatic',
    jsxImportSource: 'preact',
    external: ['happy-dom', 'marked', 'yaml', 'esbuild', 'typescript'],
    define: {
      SPRITE: '"sprite.svg"',
      ICONS: '{"plain":"icon.svg","watch":"icon-watch.svg","act":"icon-act.svg"}',
      WEB: JSON.stringify(web),
    },
    plugins: [runbooksPlugin(join(web, '../docs/runbooks'))],
    logLevel: 'warning',
  });
  const files = readdirSync(out)
    .filter((name) => name.endsWith('.test.mjs'))
    .map((name) => join(out, name));
  const run = spawnSync(process.execPath, ['--test', '--test-reporter=tap', ...files], { stdio: 'inherit' });
  process.exitCode = run.status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
