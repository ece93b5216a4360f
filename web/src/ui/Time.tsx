/* Points in time, short on the page and exact on hover. */
import { exact, secondsBetween, span, when } from '../lib/format';
import { now } from '../state/clock';
import { W } from '../words';

export function Time({ at }: { at: string }) {
  return (
    <time dateTime={at} title={exact(at)}>
      {when(at, now.value)}
    </time>
  );
}

/** How long ago, or in how long. */
export function Relative({ at }: { at: string }) {
  const seconds = secondsBetween(now.value, at);
  return (
    <time dateTime={at} title={exact(at)}>
      {Math.round(seconds) > 0 ? W.inTime(span(seconds)) : W.ago(span(-seconds))}
    </time>
  );
}

export function Age({ since }: { since: string }) {
  return (
    <time dateTime={since} title={exact(since)}>
      {span(secondsBetween(since, now.value))}
    </time>
  );
}
