/* Every recipient with its reason, status code, remote host and the phase it answered to. */
import { useSignal } from '@preact/signals';
import type { MessageDetail, RecipientDetail } from '../api/types';
import { count } from '../lib/format';
import { term } from '../lib/filter';
import { plain } from '../lib/text';
import { Phrase } from '../ui/Phrase';
import { Text } from '../ui/Text';
import { Value } from '../ui/Value';
import { W } from '../words';
import { messagePageWords as M } from '../words/messagePage';

const STEP = 200; /* a list of 50,000 is shown as it is asked for */

function RecipientRow({ recipient }: { recipient: RecipientDetail }) {
  return (
    <tr>
      <td>
        <Value term={term('to', recipient.address, true)} label={plain(recipient.address)}>
          <Text text={recipient.address} />
        </Value>
        {recipient.original && (
          <div class="muted">
            <Phrase text={M.originally} parts={{ address: <Text text={recipient.original} /> }} />
          </div>
        )}
      </td>
      <td class="code">
        {recipient.dsn ? (
          <Value term={term('reason', recipient.dsn)} label={recipient.dsn}>
            {recipient.dsn}
          </Value>
        ) : (
          <span class="muted">{W.none}</span>
        )}
      </td>
      <td>
        {recipient.reason ? <Text text={recipient.reason} /> : <span class="muted">{M.noReason}</span>}
        {(recipient.remote_host || recipient.phase) && (
          <div class="muted">
            {recipient.remote_host && (
              <Value term={term('remote_host', recipient.remote_host, true)} label={plain(recipient.remote_host)}>
                <Text text={recipient.remote_host} />
              </Value>
            )}
            {recipient.phase && (
              <>
                {' '}
                <Phrase text={M.inPhase} parts={{ phase: <Text text={recipient.phase} /> }} />
              </>
            )}
          </div>
        )}
      </td>
    </tr>
  );
}

export function Recipients({ message, first = STEP }: { message: MessageDetail; first?: number }) {
  const shown = useSignal(first);
  const all = message.recipients;
  return (
    <section class="recipients">
      <h3>
        {M.detail.recipients(all.length)}
        {message.delivered_count ? <span class="muted"> {M.detail.delivered(message.delivered_count)}</span> : null}
      </h3>
      <div class="table-wrap" tabIndex={0} role="region" aria-label={M.detail.recipients(all.length)}>
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">{W.columns.recipient}</th>
              <th scope="col">{W.columns.code}</th>
              <th scope="col">{W.columns.reason}</th>
            </tr>
          </thead>
          <tbody>
            {all.slice(0, shown.value).map((recipient, index) => (
              <RecipientRow key={index} recipient={recipient} />
            ))}
          </tbody>
        </table>
      </div>
      {all.length > shown.value && (
        <button
          type="button"
          class="button small"
          onClick={() => {
            shown.value += STEP * 5;
          }}
        >
          {M.detail.showMore(count(all.length - shown.value))}
        </button>
      )}
    </section>
  );
}
