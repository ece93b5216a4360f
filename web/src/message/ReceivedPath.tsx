/* The hosts that a message came through, with what each delayed it. */
import type { MessageContent } from '../api/types';
import { span } from '../lib/format';
import { receivedPath } from '../lib/received';
import { Text } from '../ui/Text';
import { Time } from '../ui/Time';
import { W } from '../words';

export function ReceivedPath({ headers }: { headers: MessageContent['headers'] }) {
  const hops = receivedPath(headers.filter((header) => header.name.toLowerCase() === 'received').map((header) => header.value));
  if (hops.length === 0) return <p class="muted">{W.content.noPath}</p>;
  const most = Math.max(1, ...hops.map((hop) => hop.delay ?? 0));
  return (
    <>
      <ol class="path">
        {hops.map((hop, index) => (
          <li key={index}>
            <p>
              {hop.from && <>{W.content.from} <Text text={hop.from} /> </>}
              {hop.by && <>{W.content.by} <strong><Text text={hop.by} /></strong></>}
              {hop.protocol && <span class="muted"> {W.content.with} <Text text={hop.protocol} /></span>}
            </p>
            <p class="muted small-text">
              {hop.at !== null ? <Time at={new Date(hop.at).toISOString()} /> : W.content.noDate}
              {hop.delay !== null && (hop.delay < 0 ? <> {W.content.clockBehind(span(-hop.delay))}</> : <> {W.content.after(span(hop.delay))}</>)}
            </p>
            {hop.delay !== null && hop.delay > 0 && <span class="group-bar"><span style={{ width: `${(hop.delay / most) * 100}%` }} /></span>}
          </li>
        ))}
      </ol>
      <p class="muted small-text">{W.content.pathTrust}</p>
    </>
  );
}
