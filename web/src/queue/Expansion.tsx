/* A row opened in place. It measures itself, so that the rows below make room. */
import { useEffect, useRef } from 'preact/hooks';
import { MessageActions } from '../actions/MessageActions';
import { Detail } from '../message/Detail';
import { useMessage } from '../message/useMessage';
import { toggleOpen } from '../state/marks';
import { hrefOf, linkTo } from '../state/route';
import { Icon } from '../ui/Icon';
import { CopyButton, Problem } from '../ui/Problem';
import { W } from '../words';
import { COLUMN_COUNT } from './columns';

const FEW = 12; /* recipients before "show more": a row in a table stays a row */

interface Props {
  id: string;
  top: number;
  onHeight: (height: number) => void;
}

export function Expansion({ id, top, onHeight }: Props) {
  const { message, problem } = useMessage(id);
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
        {problem.value &&
          (problem.value.code === 'message_not_found' ? <p class="muted">{W.detail.left}</p> : <Problem problem={problem.value} />)}
        {!message.value && !problem.value && <p class="muted">{W.loading}</p>}
        {message.value && (
          <>
            <div class="expansion-head">
              <MessageActions message={message.value} />
              <div class="expansion-side">
                <a class="id" href={hrefOf({ page: 'message', id })}>
                  {id}
                </a>
                <CopyButton text={linkTo({ page: 'message', id })} label={W.copyLink} />
                <a class="button small" href={hrefOf({ page: 'message', id })}>
                  <Icon name="mail-open" /> {W.openPage}
                </a>
              </div>
            </div>
            <Detail message={message.value} recipients={FEW} />
          </>
        )}
      </div>
    </div>
  );
}
