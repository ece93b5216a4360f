/* A manual page as HTML: mandoc's fragment, with the site's levels of headings and its links. */
import { spawnSync } from 'node:child_process';
import { escapeHtml, Mistake, textOf } from './text.mjs';

function mandoc(path) {
  const result = spawnSync('mandoc', ['-T', 'html', '-O', 'fragment,man=%N.%S.html', path], { encoding: 'utf8' });
  if (result.error) throw new Mistake(`${path}: cannot run mandoc (tools/install-packages has it): ${result.error.message}`);
  if (result.status !== 0) throw new Mistake(`${path}: mandoc ended with ${result.status}: ${result.stderr}`);
  return result.stdout;
}

/**
 * {title, html, headings, links} of the manual page at `path`, called `name`, such as "postroom.1". `has(file)`: whether the
 * site has that page; others, such as qshape(1), are named and not linked.
 */
export function readManual(path, name, has) {
  const links = [];
  const body = mandoc(path)
    .replace(/<table class="(head|foot)">[^]*?<\/table>\n?/g, '')
    .replace(/^<div class="manual-text">\n|<\/div>\s*$/g, '')
    /* Each word would be a stop for the keyboard; the marks stay, and can be linked. */
    .replace(/<a class="permalink"[^>]*>([^]*?)<\/a>/g, '$1')
    .replace(/<(\/?)h2\b/g, '<$1h3')
    .replace(/<(\/?)h1\b/g, '<$1h2')
    .replace(/<pre\b/g, '<pre tabindex="0"')
    .replace(/<a class="Xr" href="([^"]*)">([^]*?)<\/a>/g, (whole, to, words) => {
      if (!has(to)) return `<span class="Xr">${words}</span>`;
      links.push(to);
      return whole;
    });
  const [page, section] = /^(.*)\.(\d)$/.exec(name).slice(1);
  const what = textOf(/<span class="Nd">([^]*?)<\/span>/.exec(body)?.[1] ?? '');
  const title = `${page}(${section})`;
  const headings = [...body.matchAll(/<h([23])\b[^>]*id="([^"]*)"[^>]*>([^]*?)<\/h\1>/g)].map(([, level, id, words]) => ({
    level: Number(level),
    id,
    text: textOf(words),
  }));
  if (!what || headings.length === 0) throw new Mistake(`${path}: mandoc gave no name or no sections`);
  /* NAME is what the title says already. */
  const html = `<h1>${escapeHtml(title)}: ${escapeHtml(what)}</h1>\n<div class="manual">\n${body.replace(/<section class="Sh">\s*<h2[^>]*id="NAME"[^]*?<\/section>\n?/, '')}\n</div>\n`;
  return { title: `${title}: ${what}`, html, headings: headings.filter(({ id }) => id !== 'NAME'), links };
}
