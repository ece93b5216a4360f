/* Whether one sees the queue as it is now: live, from before a restart, still being read, cut off or paused. */
import { secondsBetween, span, timeOfDay } from '../lib/format';
import { now } from '../state/clock';
import { heard, liveState, paused, summary } from '../state/live';
import { W } from '../words';
import { Icon } from './Icon';

type Kind = 'paused' | 'saved' | 'reading' | 'connecting' | 'live' | 'reconnecting';

function kindNow(): Kind {
  if (paused.value) return 'paused';
  if (liveState.value !== 'live') return liveState.value;
  const source = summary.value?.source.state;
  if (source === 'saved') return 'saved';
  return source === 'loading' ? 'reading' : 'live';
}

function words(kind: Kind): string {
  const asOf = summary.value?.as_of;
  const source = summary.value?.source;
  switch (kind) {
    case 'paused': return W.live.paused;
    case 'live': return asOf ? W.live.asOf(timeOfDay(asOf)) : W.live.live;
    case 'saved': return asOf ? W.live.saved(timeOfDay(asOf)) : W.live.connecting;
    case 'reading': return W.live.reading(source!.loaded, source!.expected);
    case 'connecting': return W.live.connecting;
    case 'reconnecting': return W.live.reconnecting(heard.value ? span(secondsBetween(heard.value, now.value)) : '');
  }
}

export function Live() {
  const kind = kindNow();
  const source = summary.value?.source;
  const pause = paused.value ? W.live.goOn : W.live.pause;
  return (
    <div class={`live ${kind}`}>
      <span class="live-dot" aria-hidden="true" />
      <span class="live-text">{words(kind)}</span>
      {kind === 'reading' && source!.expected !== null && source!.expected > 0 && <progress value={source!.loaded} max={source!.expected} aria-label={W.live.progress} />}
      <button type="button" class="button small quiet" aria-pressed={paused.value} title={pause} aria-label={pause} onClick={() => { paused.value = !paused.value; }}>
        <Icon name={paused.value ? 'play' : 'pause'} />
      </button>
    </div>
  );
}
