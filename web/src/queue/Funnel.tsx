/* One funnel for all rows: it stands at the value under the pointer and filters by it, so that a click on the row is free to open it. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { narrow } from '../state/marks';
import { Icon } from '../ui/Icon';
import { W } from '../words';

const SIZE = 24;

interface Place {
  term: string;
  label: string;
  left: number;
  top: number;
}

/** Where the funnel of a value stands: behind it, but within its cell, counted from the table. */
function placeOf(value: HTMLElement, table: Element): Place {
  const text = value.getBoundingClientRect();
  const cell = value.closest('[role=gridcell]')!.getBoundingClientRect();
  const from = table.getBoundingClientRect();
  return {
    term: value.dataset.term!,
    label: value.dataset.label!,
    left: Math.min(text.right + 2, cell.right - SIZE) - from.left,
    top: text.top + (text.height - SIZE) / 2 - from.top,
  };
}

export function Funnel({ scroller }: { scroller: { current: HTMLElement | null } }) {
  const at = useSignal<Place | null>(null);
  const leave = (event: PointerEvent) => {
    if (!(event.relatedTarget as Element | null)?.closest?.('.funnel')) at.value = null;
  };
  const hide = () => {
    at.value = null;
  };
  useEffect(() => {
    const box = scroller.current!;
    const over = (event: PointerEvent) => {
      if (event.pointerType !== 'mouse') return;
      const value = (event.target as Element).closest<HTMLElement>('.row [data-term]');
      at.value = value && placeOf(value, box.closest('.grid')!);
    };
    box.addEventListener('pointerover', over);
    box.addEventListener('pointerleave', leave);
    box.addEventListener('scroll', hide, { passive: true });
    return () => {
      box.removeEventListener('pointerover', over);
      box.removeEventListener('pointerleave', leave);
      box.removeEventListener('scroll', hide);
    };
  }, []);
  const place = at.value;
  if (!place) return null;
  return (
    <button
      type="button"
      class="funnel"
      tabIndex={-1}
      title={W.filterBy(place.label)}
      style={{ left: `${place.left}px`, top: `${place.top}px` }}
      onPointerLeave={hide}
      onClick={(event) => {
        hide();
        narrow(place.term, event.altKey);
      }}
    >
      <Icon name="filter" />
    </button>
  );
}
