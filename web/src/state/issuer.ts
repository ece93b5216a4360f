/*
 * A sign-in by an issuer leaves the page and comes back to it, always to its bare address. What was shown is kept by the browser's
 * window meanwhile; how a sign-in ended stands in the address as one of these words, and is taken out of it.
 */
import { signal } from '@preact/signals';
import { HERE, ownName } from '../api/place';

const ENDS = ['denied', 'expired', 'unavailable', 'refused', 'no_role', 'name', 'locked', 'busy', 'store'] as const;
export type IssuerEnd = (typeof ENDS)[number];

export const endedBy = signal<IssuerEnd | null>(null);

const KEPT = ownName('postroom-back-to');

/** What is shown now is shown again when somebody comes back signed in. */
export function leaveFor(): void {
  try {
    sessionStorage.setItem(KEPT, location.search);
  } catch {
    /* Then it is the first page. */
  }
}

/** Before the address is read for what to show. */
export function comeBack(): void {
  const params = new URLSearchParams(location.search);
  const word = params.get('sign_in');
  let kept: string | null = null;
  try {
    kept = sessionStorage.getItem(KEPT);
    sessionStorage.removeItem(KEPT);
  } catch {
    /* Nothing was kept. */
  }
  endedBy.value = ENDS.find((end) => end === word) ?? null;
  /* A page's own query, and never another path: nobody can be sent elsewhere by it. */
  if (word !== null || (location.search === '' && kept)) history.replaceState(null, '', `${HERE}${kept ?? ''}${location.hash}`);
}
