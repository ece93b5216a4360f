/* What stands in one row: state, who to whom, what about, why, how old, when next. */
import type { ComponentChildren } from 'preact';
import type { Message, Row as RowData } from '../api/types';
import { decodeWords } from '../lib/encoded';
import { term } from '../lib/filter';
import { exact, secondsBetween, shortTime, size, span } from '../lib/format';
import { plain, shortReason } from '../lib/text';
import { now } from '../state/clock';
import { summary } from '../state/live';
import { hrefOf } from '../state/route';
import { Address } from '../ui/Address';
import { Icon } from '../ui/Icon';
import { State, stateOf } from '../ui/State';
import { Sender, senderText, Text } from '../ui/Text';
import { W } from '../words';

interface CellValueProps {
  term: string;
  label: string;
  class?: string;
  children: ComponentChildren;
}

/** A value that Funnel.tsx offers to filter by; the click itself opens the row. */
function CellValue({ term, label, class: extra = '', children }: CellValueProps) {
  return (
    <span class={`cell-value ${extra}`} data-term={term} data-label={label}>
      {children}
    </span>
  );
}

function Who({ message }: { message: Message }) {
  const first = message.recipients[0];
  const more = message.recipient_count - 1;
  return (
    <>
      <CellValue class="from" term={term('from', message.sender, true)} label={senderText(message.sender)}>
        <Address address={message.sender} />
      </CellValue>
      <span class="to">
        <span class="arrow" aria-hidden="true">
          →
        </span>
        {first ? (
          <CellValue term={term('to', first.address, true)} label={plain(first.address)}>
            <Address address={first.address} />
          </CellValue>
        ) : (
          <span class="muted">{W.unknownRecipients}</span>
        )}
        {more > 0 && <span class="more">{W.more(more)}</span>}
      </span>
    </>
  );
}

function Cause({ message }: { message: Message }) {
  const reason = message.recipients.find((recipient) => recipient.reason)?.reason;
  const { diagnosis } = message;
  return (
    <>
      {diagnosis && (
        <CellValue class={`diagnosis ${diagnosis.severity}`} term={term('cause', diagnosis.id)} label={diagnosis.title}>
          {diagnosis.title}
        </CellValue>
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
  const { paused } = message;
  if (message.deleting) return <Removal until={message.deleting.until} />;
  if (paused && paused.throttle === 0 && message.queue !== 'active')
    return (
      <CellValue class="paused" term={term('paused', paused.key, true)} label={plain(paused.key)}>
        <span title={plain(`${W.pausedUntil(shortTime(paused.until))}: ${paused.reason}`)}>
          <Icon name="circle-pause" /> <span class="visually-hidden">{W.pausedWord}</span>
          {shortTime(paused.until)}
        </span>
      </CellValue>
    );
  if (summary.value?.postfix.running === false && message.queue !== 'hold') return <span class="muted">{W.whenRunning}</span>;
  if (!message.next_retry) return <span class="muted">{W.noRetry[message.queue]}</span>;
  const seconds = secondsBetween(now.value, message.next_retry);
  return <span title={exact(message.next_retry)}>{seconds > 0 ? W.inTime(span(seconds)) : W.due}</span>;
}

export function Cells({ row, message }: { row: RowData; message: Message }) {
  const subject = message.subject && decodeWords(message.subject);
  return (
    <>
      <div role="gridcell" class="c-state">
        <CellValue term={message.deleting ? term('deleting', 'yes') : term('queue', message.queue)} label={W.queue[stateOf(message)].state}>
          <State message={message} />
        </CellValue>
      </div>
      <div role="gridcell" class="c-who">
        <Who message={message} />
      </div>
      <div role="gridcell" class="c-subject" title={subject ? plain(subject) : undefined}>
        {subject && <Text text={subject} />}
      </div>
      <div role="gridcell" class="c-cause">
        <Cause message={message} />
      </div>
      <div role="gridcell" class="c-size" title={W.bytes(message.size)}>
        {size(message.size)}
      </div>
      <div role="gridcell" class="c-age" title={exact(message.arrival)}>
        {span(secondsBetween(message.arrival, now.value))}
      </div>
      <div role="gridcell" class="c-next">
        <NextRetry message={message} />
      </div>
      <div role="gridcell" class="c-id">
        <a href={hrefOf({ page: 'message', id: row.id })} tabIndex={-1} class="id">
          {row.id}
        </a>
      </div>
    </>
  );
}

export function GoneCells({ row }: { row: RowData }) {
  return (
    <>
      <div role="gridcell" class="c-state">
        <span class="state gone">
          <Icon name="circle-minus" /> {W.gone}
        </span>
      </div>
      <div role="gridcell" class="c-fate" aria-colspan={6}>
        <span class="fate">{row.fate ? <Text text={row.fate} /> : W.goneUnknown}</span>
        {row.message && (
          <s class="muted">
            <Sender address={row.message.sender} /> → <Text text={row.message.recipients[0]?.address ?? ''} />
          </s>
        )}
      </div>
      <div role="gridcell" class="c-id">
        <a href={hrefOf({ page: 'message', id: row.id })} tabIndex={-1} class="id">
          {row.id}
        </a>
      </div>
    </>
  );
}
