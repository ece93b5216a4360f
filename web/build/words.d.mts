export type Words = string | ((...values: never[]) => unknown);
export function catalogues(root?: string): Promise<{
  en: Record<string, object>;
  de: Record<string, object>;
  writeFor: (locale: string, iso: boolean) => void;
}>;
export function entries(words: unknown, path?: string): [string, Words][];
export function sayings(value: Words): string[];
export function pattern(saying: string): RegExp | null;
