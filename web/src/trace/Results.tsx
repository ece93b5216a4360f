/* What became of each recipient of a message, in the log's words. */
import { useSignal } from '@preact/signals';
import type { TracedMessage, TracedRecipient } from '../api/types';
import { count } from '../lib/format';
import { term } from '../lib/filter';
import { plain, shortReason } from '../lib/text';
import { Address } from '../ui/Address';
import { Icon } from '../ui/Icon';
import { Phrase } from '../ui/Phrase';
import { Text } from '../ui/Text';
import { Time } from '../ui/Time';
import { Value } from '../ui/Value';
import { W } from '../words';
import { messagePageWords as M } from '../words/messagePage';
import { traceWords as T } from '../words/trace';

const ICON: Record<TracedRecipient['result'], string> = {
  delivered: 'circle-check',
  deferred: 'hourglass',
  bounced: 'corner-up-left',
  expired: 'corner-up-left',
  deleted: 'trash-2',
  held: 'circle-pause',
  queued: 'arrow-right',
  unknown: 'circle-minus',
};

/** "delivered 17:24:29 to mx.customer.example[192.0.2.1]:25, 250 Ok" */
export function Outcome({ recipient }: { recipient: TracedRecipient }) {
  const { result, at, by, relay, reply } = recipient;
  return (
    <>
      <span class={`traced-result ${result}`}>
        <Icon name={ICON[result]} /> {T.result[result]}
      </span>{' '}
      <Time at={at} />
      {by && (
        <>
          {' '}
          <Phrase text={T.by} parts={{ name: <Text text={by} /> }} />
        </>
      )}
      {relay && (
        <>
          {' '}
          <Phrase text={T.to} parts={{ host: <Text text={relay} /> }} />
        </>
      )}
      {reply && (
        <span class="muted">
          , <Text text={shortReason(reply)} />
        </span>
      )}
    </>
  );
}

const FEW = 12;

function RecipientRow({ recipient }: { recipient: TracedRecipient }) {
  return (
    <tr>
      <td>
        <Value term={term('to', recipient.address, true)} label={plain(recipient.address)}>
          <Address address={recipient.address} />
        </Value>
        {recipient.original && recipient.original !== recipient.address && (
          <div class="muted">
            <Phrase text={M.originally} parts={{ address: <Text text={recipient.original} /> }} />
          </div>
        )}
      </td>
      <td>
        <Outcome recipient={recipient} />
        {recipient.remote_id && (
          <div class="muted">
            <Phrase text={T.remoteId} parts={{ id: <code>{recipient.remote_id}</code> }} />
          </div>
        )}
      </td>
    </tr>
  );
}

/** All recipients of one message, on its own page. */
export function Results({ message }: { message: TracedMessage }) {
  const shown = useSignal(FEW);
  const all = message.recipients;
  return (
    <section class="recipients">
      <h3>{M.detail.recipients(all.length)}</h3>
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">{W.columns.recipient}</th>
            <th scope="col">{T.became}</th>
          </tr>
        </thead>
        <tbody>
          {all.slice(0, shown.value).map((recipient, index) => (
            <RecipientRow key={index} recipient={recipient} />
          ))}
        </tbody>
      </table>
      {all.length > shown.value && (
        <button
          type="button"
          class="button small"
          onClick={() => {
            shown.value = all.length;
          }}
        >
          {M.detail.showMore(count(all.length - shown.value))}
        </button>
      )}
      {message.recipients_cut && <p class="muted">{T.cut}</p>}
    </section>
  );
}
