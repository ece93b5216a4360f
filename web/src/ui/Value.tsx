/* A value that filters by itself on click, and is excluded with Alt. */
import type { ComponentChildren } from 'preact';
import { narrow } from '../state/marks';
import { W } from '../words';

interface Props {
  term: string;
  /** What the value is called when read aloud. */
  label: string;
  class?: string;
  /** Out of the tab order: in the grid, which is one stop. */
  inGrid?: boolean;
  children: ComponentChildren;
}

export function Value({ term, label, class: extra = '', inGrid, children }: Props) {
  const choose = (event: MouseEvent) => {
    event.stopPropagation();
    narrow(term, event.altKey);
  };
  return (
    <button type="button" class={`value ${extra}`} tabIndex={inGrid ? -1 : 0} title={W.filterBy(label)} onClick={choose}>
      {children}
    </button>
  );
}
