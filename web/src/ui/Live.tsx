/* How old what one sees is: live, from before a restart, still being read, cut off, paused. Nothing old looks live. */
import { secondsBetween, span, timeOfDay } from '../lib/format';
import { now } from '../state/clock';
import { ageOf, heard, liveState, paused, pausedAt, setPaused, summary } from '../state/live';
import { rowsAt, view } from '../state/view';
import { W } from '../words';
import { Icon } from './Icon';

type Kind = 'paused' | 'saved' | 'reading' | 'connecting' | 'live' | 'stale' | 'reconnecting';

/* What is older than this many seconds is not live. */
const STALE_S = 30;

/** Seconds that the rows of the table are behind a queue that has changed; 0 where they show it. */
function rowsBehind(): number {
  const behind = view.value !== null && summary.value !== null && view.value.current_generation < summary.value.generation;
  return behind ? Math.max(0, secondsBetween(rowsAt.value, now.value)) : 0;
}

const age = (): number => Math.max(ageOf(summary.value, heard.value, now.value) ?? 0, rowsBehind());

function kindNow(): Kind {
  if (paused.value) return 'paused';
  if (liveState.value !== 'live') return liveState.value;
  const source = summary.value?.source.state;
  if (source === 'saved') return 'saved';
  if (source === 'loading') return 'reading';
  return age() > STALE_S ? 'stale' : 'live';
}

function words(kind: Kind): string {
  const asOf = summary.value?.as_of;
  const source = summary.value?.source;
  switch (kind) {
    case 'paused':
      return W.live.paused(span(secondsBetween(pausedAt.value, now.value)));
    case 'live':
      return asOf ? W.live.asOf(timeOfDay(asOf)) : W.live.live;
    case 'stale':
      return W.live.stale(span(age()));
    case 'saved':
      return asOf ? W.live.saved(timeOfDay(asOf)) : W.live.connecting;
    case 'reading':
      return W.live.reading(source!.loaded, source!.expected);
    case 'connecting':
      return W.live.connecting;
    case 'reconnecting':
      return W.live.reconnecting(heard.value ? span(age()) : '');
  }
}

export function Live() {
  const kind = kindNow();
  const source = summary.value?.source;
  const pause = paused.value ? W.live.goOn : W.live.pause;
  const old = kind === 'paused' && secondsBetween(pausedAt.value, now.value) > STALE_S;
  return (
    <div class={`live ${kind === 'live' ? 'now' : kind} ${old ? 'old' : ''}`}>
      <span class="live-dot" aria-hidden="true" />
      <span class="live-text">{words(kind)}</span>
      {kind === 'reading' && source!.expected !== null && source!.expected > 0 && (
        <progress value={source!.loaded} max={source!.expected} aria-label={W.live.progress} />
      )}
      <button
        type="button"
        class="button small quiet"
        aria-pressed={paused.value}
        title={pause}
        aria-label={pause}
        onClick={() => setPaused(!paused.value)}
      >
        <Icon name={paused.value ? 'play' : 'pause'} />
      </button>
    </div>
  );
}
