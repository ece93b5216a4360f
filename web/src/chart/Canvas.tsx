/* The drawing, and over it a link for each job and settings change. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { when } from '../lib/format';
import { now } from '../state/clock';
import { theme } from '../state/prefs';
import { go } from '../state/route';
import { W } from '../words';
import type { Lines } from './lines';
import type { Mark, Plot } from './plot';
import { LEFT_PX, RIGHT_PX } from './plotFrame';

/* Links that one can still tell apart; the jobs' own page has all. */
const MARKS_MOST = 40;

function useDark() {
  const dark = useSignal(matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const change = () => {
      dark.value = query.matches;
    };
    query.addEventListener('change', change);
    return () => query.removeEventListener('change', change);
  }, []);
  return dark.value;
}

interface Span {
  from: number;
  to: number;
}

function Marks({ marks, span }: { marks: Mark[]; span: Span }) {
  const inside = marks.filter(({ at }) => at >= span.from && at <= span.to).slice(0, MARKS_MOST);
  if (inside.length === 0) return null;
  return (
    <ul class="marks" aria-label={W.chart.marks}>
      {inside.map((mark) => (
        <li
          key={`${mark.kind}${mark.at}${mark.text}`}
          class={mark.kind}
          style={{ left: `calc(${LEFT_PX}px + (100% - ${LEFT_PX + RIGHT_PX}px) * ${(mark.at - span.from) / (span.to - span.from)})` }}
        >
          <a href={mark.href} title={`${mark.text}, ${when(new Date(mark.at * 1000).toISOString(), now.value)}`}>
            <span class="visually-hidden">{mark.text}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

export function Canvas({
  lines,
  span,
  marks,
  onIndex,
}: {
  lines: Lines;
  span: Span;
  marks: Mark[];
  onIndex: (index: number | null) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const dark = useDark();
  useEffect(() => {
    let plot: Plot | null = null;
    let gone = false;
    const element = box.current!;
    void import('./plot').then(({ draw }) => {
      if (gone) return;
      plot = draw({
        element,
        data: lines.data,
        names: lines.lines.map(({ name }) => name),
        tokens: lines.lines.map(({ token }) => token),
        marks,
        span,
        onZoom: (from, to) => go({ range: `${from}-${to}` }),
      });
      plot.onCursor(onIndex);
    });
    const sized = new ResizeObserver(() => plot?.resize(element.clientWidth));
    sized.observe(element);
    return () => {
      gone = true;
      sized.disconnect();
      plot?.destroy();
    };
  }, [lines, marks.length, dark, theme.value]);
  return (
    <div class="plot-box">
      <div class="plot" ref={box} aria-hidden="true" />
      <Marks marks={marks} span={span} />
    </div>
  );
}
