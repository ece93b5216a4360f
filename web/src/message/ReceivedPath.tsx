/* The hosts that a message came through, with what each delayed it, in the order in which it came. */
import type { MessageContent } from '../api/types';
import { span } from '../lib/format';
import { Phrase } from '../ui/Phrase';
import { Text } from '../ui/Text';
import { Time } from '../ui/Time';
import { messagePageWords as M } from '../words/messagePage';

type Hop = MessageContent['hops'][number];

function HopItem({ hop, most }: { hop: Hop; most: number }) {
  return (
    <li>
      <p>
        {hop.from && (
          <>
            <Phrase text={M.content.from} parts={{ host: <Text text={hop.from} /> }} />{' '}
          </>
        )}
        {hop.by && (
          <Phrase
            text={M.content.by}
            parts={{
              host: (
                <strong>
                  <Text text={hop.by} />
                </strong>
              ),
            }}
          />
        )}
        {hop.with && (
          <span class="muted">
            {' '}
            <Phrase text={M.content.with} parts={{ protocol: <Text text={hop.with} /> }} />
          </span>
        )}
        {hop.id && (
          <span class="muted">
            {' '}
            <Phrase
              text={M.detail.as}
              parts={{
                id: (
                  <code>
                    <Text text={hop.id} />
                  </code>
                ),
              }}
            />
          </span>
        )}
      </p>
      <p class="muted small-text">
        {hop.at !== null ? <Time at={hop.at} /> : M.content.noDate}
        {hop.delay !== null && (hop.delay < 0 ? <> {M.content.clockBehind(span(-hop.delay))}</> : <> {M.content.after(span(hop.delay))}</>)}
      </p>
      {hop.delay !== null && hop.delay > 0 && (
        <span class="group-bar">
          <span style={{ width: `${(hop.delay / most) * 100}%` }} />
        </span>
      )}
    </li>
  );
}

export function ReceivedPath({ hops }: { hops: Hop[] }) {
  if (hops.length === 0) return <p class="muted">{M.content.noPath}</p>;
  const most = Math.max(1, ...hops.map((hop) => hop.delay ?? 0));
  return (
    <>
      <ol class="path">
        {[...hops].reverse().map((hop, index) => (
          <HopItem key={index} hop={hop} most={most} />
        ))}
      </ol>
      <p class="muted small-text">{M.content.pathTrust}</p>
    </>
  );
}
