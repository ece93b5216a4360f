export function wordsIn(text: string, name: string): string[];
