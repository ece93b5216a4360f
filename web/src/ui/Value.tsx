/* A value that filters by itself on click, and is excluded with Alt. */
import type { ComponentChildren } from 'preact';
import { narrow } from '../state/marks';
import { W } from '../words';

interface Props {
  term: string;
  /** What the value is called when read aloud. */
  label: string;
  class?: string;
  children: ComponentChildren;
}

export function Value({ term, label, class: extra = '', children }: Props) {
  const choose = (event: MouseEvent) => {
    event.stopPropagation();
    narrow(term, event.altKey);
  };
  return (
    <button type="button" class={`value ${extra}`} title={W.filterBy(label)} onClick={choose}>
      {children}
    </button>
  );
}
