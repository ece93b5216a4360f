/*
 * The list of incidents as it is shown. What is known of each follows at once; which there are and in which order follows
 * when no hand is on the page: a row that comes or goes would move all that is below it.
 */
import { useRef } from 'preact/hooks';
import type { Incident } from '../api/types';
import { settled } from '../lib/settled';
import { now } from '../state/clock';
import { underHand } from '../state/hand';

export interface Settled {
  shown: Incident[];
  /** How many came that are not shown yet. */
  waiting: number;
  letIn: () => void;
}

export function useSettled(list: Incident[]): Settled {
  const shown = useRef<Incident[] | null>(null);
  void now.value; /* looked at again each second, until the hand rests */
  const next = shown.current !== null && underHand(document.querySelector('main')) ? settled(shown.current, list) : list;
  shown.current = next;
  return {
    shown: next,
    waiting: list.filter(({ id }) => !next.some((each) => each.id === id)).length,
    letIn: () => {
      shown.current = null;
      now.value = Date.now();
    },
  };
}
