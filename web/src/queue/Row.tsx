/* One row of the table. A row whose message left stays where it was, struck through, with what became of it. */
import type { Row as RowData } from '../api/types';
import { plain } from '../lib/text';
import { narrow } from '../state/marks';
import { Icon } from '../ui/Icon';
import { stateOf } from '../ui/State';
import { senderText } from '../ui/Text';
import { W } from '../words';
import { Cells, GoneCells } from './Cells';
import { COLUMN_COUNT } from './columns';

/** What is read aloud when the row gets the focus: who to whom and why, and its ID once. */
function nameOf(row: RowData): string {
  const { message } = row;
  if (!message) return row.id;
  const state = row.gone ? W.gone : W.queue[stateOf(message)].state;
  return W.rowIs(
    state,
    senderText(message.sender),
    plain(message.recipients[0]?.address ?? W.unknownRecipients),
    message.diagnosis?.title ?? '',
    row.id,
  );
}

export interface RowProps {
  row: RowData | undefined;
  offset: number;
  top: number;
  focused: boolean;
  marked: boolean;
  open: boolean;
  onMark: (offset: number, range: boolean) => void;
  onOpen: (offset: number) => void;
}

/** A click opens the row, wherever it is; with Alt it filters by the value that it meets, with Shift too it excludes that. */
function click(event: MouseEvent, open: () => void): void {
  const target = event.target as Element;
  if (target.closest('a')) return;
  const value = event.altKey ? target.closest('[data-term]')?.getAttribute('data-term') : null;
  if (value) narrow(value, event.shiftKey);
  /* Whoever has just marked a text to copy it does not want the row opened. */
  else if (getSelection()?.type !== 'Range') open();
}

function Waiting({ id, offset, top }: { id: string; offset: number; top: number }) {
  return (
    <div role="row" id={id} class="row waiting" aria-rowindex={offset + 2} style={{ transform: `translateY(${top}px)` }}>
      <div role="gridcell" aria-colspan={COLUMN_COUNT}>
        <span class="bar" />
        <span class="visually-hidden">{W.loading}</span>
      </div>
    </div>
  );
}

export function Row({ row, offset, top, focused, marked, open, onMark, onOpen }: RowProps) {
  const id = `row-${offset}`;
  if (!row) return <Waiting id={id} offset={offset} top={top} />;
  const classes = ['row', row.gone && 'gone', focused && 'focused', marked && 'marked', open && 'open'].filter(Boolean).join(' ');
  return (
    <div
      role="row"
      id={id}
      class={classes}
      style={{ transform: `translateY(${top}px)` }}
      aria-rowindex={offset + 2}
      aria-selected={marked}
      aria-label={nameOf(row)}
      onClick={(event) => click(event, () => onOpen(offset))}
    >
      <div
        role="gridcell"
        class="c-mark"
        onClick={(event) => {
          event.stopPropagation();
          onMark(offset, event.shiftKey);
        }}
      >
        {!row.gone && <input type="checkbox" tabIndex={-1} checked={marked} aria-label={W.markRow} />}
      </div>
      <div role="gridcell" class="c-open">
        {!row.gone && (
          <button type="button" class="opener" tabIndex={-1} aria-expanded={open} aria-label={W.openRow}>
            <Icon name="chevron-right" />
          </button>
        )}
      </div>
      {row.gone || !row.message ? <GoneCells row={row} /> : <Cells row={row} message={row.message} />}
    </div>
  );
}
