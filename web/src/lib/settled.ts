/* Which incidents are shown while a hand is on the page. */
import type { Incident } from '../api/types';

/** Those that are shown, in their order, as they are now; one that has left the list is over. Nothing new. */
export function settled(shown: readonly Incident[], list: readonly Incident[]): Incident[] {
  const found = new Map(list.map((incident) => [incident.id, incident]));
  return shown.map((old) => found.get(old.id) ?? { ...old, state: 'ended' });
}
