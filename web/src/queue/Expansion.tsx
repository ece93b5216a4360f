/* A row opened in place. It measures itself, so that the rows below make room. */
import { useEffect, useRef } from 'preact/hooks';
import { toggleOpen } from '../state/marks';
import { lazy } from '../ui/lazy';
import { others } from '../ui/others';
import { W } from '../words';
import { COLUMN_COUNT } from './columns';

const OpenRow = lazy(async () => (await others()).OpenRow);

interface Props {
  id: string;
  top: number;
  onHeight: (height: number) => void;
}

export function Expansion({ id, top, onHeight }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const tell = useRef(onHeight);
  tell.current = onHeight;
  useEffect(() => {
    const element = box.current!;
    const sized = new ResizeObserver(() => tell.current(Math.ceil(element.getBoundingClientRect().height)));
    sized.observe(element);
    return () => {
      sized.disconnect();
      tell.current(0);
    };
  }, []);
  const close = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    toggleOpen(id);
    document.querySelector<HTMLElement>('[data-grid]')?.focus();
  };
  return (
    <div ref={box} role="row" class="expansion" style={{ transform: `translateY(${top}px)` }} onKeyDown={close}>
      <div role="gridcell" aria-colspan={COLUMN_COUNT}>
        <h2 class="visually-hidden">{W.detailsOf(id)}</h2>
        <OpenRow id={id} />
      </div>
    </div>
  );
}
