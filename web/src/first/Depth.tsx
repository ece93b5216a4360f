/* The depth of the last day as a strip, which opens to the chart. It starts at the first sample. */
import { useMemo } from 'preact/hooks';
import { columnsOf } from '../chart/range';
import { marksOf, useHistory } from '../chart/useHistory';
import { shortTime } from '../lib/format';
import { pathsOf } from '../lib/strip';
import { summary } from '../state/live';
import { showChart } from '../state/prefs';
import { Icon } from '../ui/Icon';
import { lazy } from '../ui/lazy';
import { W } from '../words';

const Above = lazy(async () => (await import('../chart/Above')).Above);

const DAY_S = 86_400;
const WIDTH = 1000;
const HEIGHT = 40;
/* Samples come every 5 minutes: one that is so near to the span's beginning is at it. */
const NEAR_S = 900;
/* Room above the highest point. */
const ROOM = 1.12;

function useDay() {
  const { history, changes } = useHistory('24h');
  const samples = history.value?.samples ?? [];
  const now = summary.value;
  return useMemo(() => {
    const last = now?.as_of ? [{ at: now.as_of, deferred: now.counts.deferred }] : [];
    const [times, values] = columnsOf([...samples, ...last], history.value?.step ?? 300, ['deferred']) as [number[], (number | null)[]];
    const to = times.at(-1) ?? Math.floor(Date.now() / 1000);
    const first = times[0] ?? to;
    const from = first < to - DAY_S + NEAR_S ? to - DAY_S : first;
    const most = Math.max(0, ...values.filter((value) => value !== null));
    const frame = { from, to: Math.max(to, from + 1), most: Math.max(1, most * ROOM), width: WIDTH, height: HEIGHT };
    const marks = marksOf(changes.value).filter(({ at }) => at >= from);
    return { known: samples.length > 1, whole: from === to - DAY_S, from, most, marks, frame, ...pathsOf(times, values, frame) };
  }, [history.value, changes.value, now?.counts.deferred]);
}

export function Strip() {
  const day = useDay();
  const { from, to } = day.frame;
  const name = day.whole ? W.depth.day : W.depth.since(shortTime(from * 1000));
  return (
    <button
      type="button"
      class="strip"
      title={W.depth.open}
      aria-expanded="false"
      onClick={() => {
        showChart.value = true;
      }}
    >
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {day.known && <path class="area" d={day.area} />}
        {day.known && <path class="line" d={day.line} />}
        {day.marks.map((mark) => {
          const x = ((mark.at - from) / (to - from)) * WIDTH;
          return <line key={`${mark.kind}${mark.at}`} class={mark.kind} x1={x} x2={x} y1={0} y2={HEIGHT} />;
        })}
      </svg>
      <span class="visually-hidden">{W.depth.open}. </span>
      <span class="strip-name">{day.known ? name : W.depth.none}</span>
      {day.known && <span class="strip-most"> {W.depth.most(day.most)}</span>}
      <Icon name="chevron-down" />
    </button>
  );
}

export const Depth = () => (showChart.value ? <Above /> : <Strip />);
