/* One row of the table. A row whose message left stays where it was, struck through, with what became of it. */
import type { Message, Row as RowData } from '../api/types';
import { term } from '../lib/filter';
import { exact, secondsBetween, size, span, when } from '../lib/format';
import { now } from '../state/clock';
import { summary } from '../state/live';
import { hrefOf } from '../state/route';
import { Icon } from '../ui/Icon';
import { State, stateOf } from '../ui/State';
import { Sender, senderText, Text } from '../ui/Text';
import { Value } from '../ui/Value';
import { plain, shortReason } from '../lib/text';
import { W } from '../words';

function Recipients({ message }: { message: Message }) {
  const first = message.recipients[0];
  if (!first) return <span class="muted">{W.unknownRecipients}</span>;
  const more = message.recipient_count - 1;
  return (
    <>
      <Value term={term('to', first.address, true)} label={plain(first.address)} inGrid>
        <Text text={first.address} />
      </Value>
      {more > 0 && <span class="more">{W.more(more)}</span>}
    </>
  );
}

function Reason({ message }: { message: Message }) {
  const reason = message.recipients.find((recipient) => recipient.reason)?.reason;
  return (
    <>
      {message.diagnosis && (
        <Value
          term={term('cause', message.diagnosis.id)}
          label={message.diagnosis.title}
          class={`diagnosis ${message.diagnosis.severity}`}
          inGrid
        >
          {message.diagnosis.title}
        </Value>
      )}
      {reason && (
        <span class="reason-text" title={plain(reason)}>
          <Text text={shortReason(reason)} />
        </span>
      )}
    </>
  );
}

/** When a message that is being deleted is removed. */
function Removal({ until }: { until: string | null }) {
  const seconds = until === null ? 0 : secondsBetween(now.value, until);
  return (
    <span class="muted" title={until === null ? undefined : exact(until)}>
      {seconds > 0 ? W.deleting.row(span(seconds)) : W.deleting.soon}
    </span>
  );
}

function NextRetry({ message }: { message: Message }) {
  if (message.deleting) return <Removal until={message.deleting.until} />;
  if (summary.value?.postfix.running === false && message.queue !== 'hold') return <span class="muted">{W.whenRunning}</span>;
  if (!message.next_retry) return <span class="muted">{W.noRetry[message.queue]}</span>;
  const seconds = secondsBetween(now.value, message.next_retry);
  return <span title={exact(message.next_retry)}>{seconds > 0 ? W.inTime(span(seconds)) : W.due}</span>;
}

function Cells({ row, message }: { row: RowData; message: Message }) {
  return (
    <>
      <div role="gridcell" class="c-state">
        <Value
          term={message.deleting ? term('deleting', 'yes') : term('queue', message.queue)}
          label={W.queue[stateOf(message)].state}
          inGrid
        >
          <State message={message} />
        </Value>
      </div>
      <div role="gridcell" class="c-id">
        <a href={hrefOf({ page: 'message', id: row.id })} tabIndex={-1} class="id">
          {row.id}
        </a>
      </div>
      <div role="gridcell" class="c-arrival" title={exact(message.arrival)}>
        {when(message.arrival, now.value)} <span class="muted">{span(secondsBetween(message.arrival, now.value))}</span>
      </div>
      <div role="gridcell" class="c-sender">
        <Value term={term('from', message.sender, true)} label={senderText(message.sender)} inGrid>
          <Sender address={message.sender} />
        </Value>
      </div>
      <div role="gridcell" class="c-recipients">
        <Recipients message={message} />
      </div>
      <div role="gridcell" class="c-reason">
        <Reason message={message} />
      </div>
      <div role="gridcell" class="c-size" title={W.bytes(message.size)}>
        {size(message.size)}
      </div>
      <div role="gridcell" class="c-next">
        <NextRetry message={message} />
      </div>
    </>
  );
}

function GoneCells({ row }: { row: RowData }) {
  return (
    <>
      <div role="gridcell" class="c-state">
        <span class="state gone">
          <Icon name="circle-minus" /> {W.gone}
        </span>
      </div>
      <div role="gridcell" class="c-id">
        <span class="id">{row.id}</span>
      </div>
      <div role="gridcell" class="c-fate" aria-colspan={6}>
        <span class="fate">{row.fate ? <Text text={row.fate} /> : W.goneUnknown}</span>
        {row.message && (
          <s class="muted">
            <Sender address={row.message.sender} /> → <Text text={row.message.recipients[0]?.address ?? ''} />
          </s>
        )}
      </div>
    </>
  );
}

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

export function Row({ row, offset, top, focused, marked, open, onMark, onOpen }: RowProps) {
  const style = { transform: `translateY(${top}px)` };
  const id = `row-${offset}`;
  if (!row)
    return (
      <div role="row" id={id} class="row waiting" aria-rowindex={offset + 2} style={style}>
        <div role="gridcell" aria-colspan={10}>
          <span class="bar" />
          <span class="visually-hidden">{W.loading}</span>
        </div>
      </div>
    );
  const classes = ['row', row.gone && 'gone', focused && 'focused', marked && 'marked', open && 'open'].filter(Boolean).join(' ');
  return (
    <div
      role="row"
      id={id}
      class={classes}
      style={style}
      aria-rowindex={offset + 2}
      aria-selected={marked}
      aria-label={nameOf(row)}
      onClick={(event) => {
        if (!(event.target as Element).closest('a')) onOpen(offset);
      }}
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
