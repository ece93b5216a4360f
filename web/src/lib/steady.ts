/* Lists that are read again and again under a hand that is about to click. */

/**
 * The new items in the order of the old ones, so that nothing moves: what is new comes last, what is gone stays in its
 * place as `emptied` makes it.
 */
export function steady<T>(old: readonly T[], next: readonly T[], keyOf: (item: T) => unknown, emptied: (item: T) => T): T[] {
  const found = new Map(next.map((item) => [keyOf(item), item]));
  const known = new Set(old.map(keyOf));
  return [...old.map((item) => found.get(keyOf(item)) ?? emptied(item)), ...next.filter((item) => !known.has(keyOf(item)))];
}
