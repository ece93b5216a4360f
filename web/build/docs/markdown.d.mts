/* Of markdown.mjs, for the tests. */
export function readMarkdown(
  file: string,
  text: string,
  resolve: (href: string, fail: (what: string) => never) => string | null,
): { title: string; html: string; headings: { level: number; id: string; text: string }[]; links: string[] };
