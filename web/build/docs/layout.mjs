/* One page around its text: head, contents, what is on the page, the page before and the one after. */
import { escapeHtml } from './text.mjs';

const item = (page, current) =>
  `<li><a href="${page.file === 'index.html' ? './' : page.file}"${page === current ? ' aria-current="page"' : ''}>${escapeHtml(page.label)}</a>`;

/** All groups; the pages below another are listed where one is among them, else there would be more contents than text. */
function contents(site, current) {
  const below = (page) => {
    const children = site.pages.filter(({ parent }) => parent === page.file);
    if (!children.length || (current !== page && current.parent !== page.file)) return '';
    return `\n<ul>\n${children.map((child) => `${item(child, current)}</li>`).join('\n')}\n</ul>\n`;
  };
  return site.groups
    .map(
      ({ title, pages }) =>
        `<h2>${escapeHtml(title)}</h2>\n<ul>\n${pages.map((page) => `${item(page, current)}${below(page)}</li>`).join('\n')}\n</ul>`,
    )
    .join('\n');
}

function onThisPage(page) {
  const marks = page.headings.filter(({ level }) => level === 2 || (level === 3 && page.headings.length <= 30));
  if (marks.length < 3) return '';
  const lines = marks.map(
    ({ level, id, text }) => `<li${level === 3 ? ' class="deep"' : ''}><a href="#${escapeHtml(id)}">${escapeHtml(text)}</a></li>`,
  );
  return `<nav class="toc" aria-label="On this page">\n<h2>On this page</h2>\n<ul>\n${lines.join('\n')}\n</ul>\n</nav>\n`;
}

function turns(before, after) {
  const link = (page, rel, word) =>
    page
      ? `<a rel="${rel}" href="${page.file === 'index.html' ? './' : page.file}"><span>${word}</span> ${escapeHtml(page.label)}</a>`
      : '<span></span>';
  return `<nav class="turns" aria-label="Before and after">\n${link(before, 'prev', 'Before')}\n${link(after, 'next', 'Next')}\n</nav>\n`;
}

/** The whole document of `site.pages[number]`. */
export function layOut(site, number) {
  const page = site.pages[number];
  const title = page.file === 'index.html' ? 'Postroom: documentation' : `${page.title} · Postroom`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escapeHtml(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="same-origin">
<link rel="icon" href="${site.icon}" type="image/svg+xml">
<link rel="stylesheet" href="${site.style}">
<script type="module" src="${site.script}"></script>
</head>
<body>
<a class="skip" href="#text">Skip to the text</a>
<header class="top">
<a class="brand" href="./">Postroom <span>documentation</span></a>
<form role="search" hidden><input type="search" aria-label="Search the documentation" placeholder="Search" autocomplete="off" spellcheck="false"></form>
<a class="to-contents" href="#contents">Contents</a>
<a href="../">The queue</a>
</header>
<div class="found" role="region" aria-label="Found" hidden><p role="status"></p><ol></ol></div>
<div class="sheet">
${onThisPage(page)}<main id="text" tabindex="-1">
<article>
${page.html}</article>
${turns(site.pages[number - 1], site.pages[number + 1])}</main>
<nav class="contents" id="contents" aria-label="Contents" tabindex="-1">
${contents(site, page)}
<p>Postroom ${escapeHtml(site.version)}</p>
</nav>
</div>
</body>
</html>
`;
}
