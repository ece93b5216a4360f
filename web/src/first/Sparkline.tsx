/* The last hours as bars, one an hour, the newest last. What is not known is a gap, and zero a line at the ground. */
import { W } from '../words';

const STEP = 4;
const HEIGHT = 18;
/* So that one message is seen beside a thousand, and zero is seen to be known. */
const LEAST = 1.5;
const GROUND = 1;
const AXIS = 0.5;

export function Sparkline({ points }: { points: (number | null)[] }) {
  const known = points.filter((point) => point !== null);
  const most = Math.max(1, ...known);
  const name = known.length > 0 ? W.incidents.chart(points.length, Math.max(...known), points.at(-1) ?? null) : W.incidents.noChart;
  return (
    <svg class="spark" viewBox={`0 0 ${points.length * STEP} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={name}>
      <title>{name}</title>
      <rect class="axis" x={0} y={HEIGHT - AXIS} width={points.length * STEP - 1} height={AXIS} />
      {points.map((point, at) => {
        if (point === null) return null;
        const height = point === 0 ? GROUND : Math.max(LEAST, (point / most) * HEIGHT);
        return <rect key={at} x={at * STEP} y={HEIGHT - height} width={STEP - 1} height={height} class={point === 0 ? 'zero' : ''} />;
      })}
    </svg>
  );
}
