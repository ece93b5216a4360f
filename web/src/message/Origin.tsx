/* Where a message came from and its other facts, each a way to its likes. */
import type { MessageDetail } from '../api/types';
import { decodeWords } from '../lib/encoded';
import { size } from '../lib/format';
import { term } from '../lib/filter';
import { plain } from '../lib/text';
import { Age, Time } from '../ui/Time';
import { Sender, senderText, Text } from '../ui/Text';
import { Value } from '../ui/Value';
import { W } from '../words';
import { messagePageWords as M } from '../words/messagePage';

function Fact({ name, field, value }: { name: string; field: string; value: string | null | undefined }) {
  if (!value) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <Value term={term(field, value)} label={plain(value)}>
          <Text text={value} />
        </Value>
      </dd>
    </div>
  );
}

export function Origin({ message }: { message: MessageDetail }) {
  const { origin } = message;
  return (
    <dl class="facts">
      <div>
        <dt>{W.columns.sender}</dt>
        <dd>
          <Value term={term('from', message.sender, true)} label={senderText(message.sender)}>
            <Sender address={message.sender} />
          </Value>
        </dd>
      </div>
      {message.subject !== null && (
        <div>
          <dt>{M.detail.subject}</dt>
          <dd>
            <Text text={decodeWords(message.subject)} />
          </dd>
        </div>
      )}
      <div>
        <dt>{W.columns.arrival}</dt>
        <dd>
          <Time at={message.arrival} />{' '}
          <span class="muted">
            (<Age since={message.arrival} />)
          </span>
        </dd>
      </div>
      <div>
        <dt>{W.columns.size}</dt>
        <dd title={W.bytes(message.size)}>{size(message.size)}</dd>
      </div>
      <Fact name={M.detail.client} field="client" value={origin?.client_name} />
      <Fact name={M.detail.address} field="client" value={origin?.client_address} />
      <Fact name={M.detail.login} field="login" value={origin?.login} />
      <Fact name={M.detail.helo} field="helo" value={origin?.helo} />
    </dl>
  );
}
