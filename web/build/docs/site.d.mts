/* Of site.mjs, for the tests. */
export interface Page {
  file: string;
  source: string;
  title: string;
  html: string;
  headings: { level: number; id: string; text: string }[];
  links: string[];
}
export function fileOf(source: string): string | null;
export function readContents(text: string): { title: string; sources: { source: string; label: string }[] }[];
export function deadLinks(pages: Page[]): string[];
export function buildSite(
  root: string,
  assets: { style: string; script: string; icon: string },
): { files: Map<string, string>; pages: Page[] };
