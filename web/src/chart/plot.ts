/* Draws the depth chart with uPlot; loaded only where the chart is shown. Colours come from the page's tokens. */
import uPlot from 'uplot';
import { count, dayOf, shortTime } from '../lib/format';
import { LEFT_PX, RIGHT_PX } from './plotFrame';

export interface Mark {
  at: number;
  kind: 'job' | 'settings' | 'pause';
  text: string;
  /** Where it leads. */
  href: string;
}

export interface PlotOptions {
  element: HTMLElement;
  data: (number | null)[][];
  names: string[];
  tokens: string[];
  marks: Mark[];
  span: { from: number; to: number };
  onZoom: (from: number, to: number) => void;
}

const HEIGHT = 132;
/* Where the browser's colours are forced, lines differ by more than colour. */
const DASHES = [[], [8, 4], [2, 3], [8, 3, 2, 3], [12, 3], [1, 5]];
const FEW_SAMPLES = 40; /* a single sample makes no line; points show it */

function colour(element: HTMLElement, token: string): string {
  const probe = document.createElement('span');
  probe.className = `probe-${token}`;
  element.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

const faded = (value: string): string => `color-mix(in srgb, ${value} 12%, transparent)`;

function drawMarks(plot: uPlot, marks: Mark[], shades: Record<Mark['kind'], string>): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  for (const mark of marks) {
    const x = Math.round(plot.valToPos(mark.at, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = shades[mark.kind];
    ctx.fillStyle = shades[mark.kind];
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.fillRect(x - 2 * devicePixelRatio, bbox.top, 5 * devicePixelRatio, 5 * devicePixelRatio);
  }
  ctx.restore();
}

function options(from: PlotOptions): uPlot.Options {
  const { element } = from;
  const text = colour(element, 'muted');
  const line = colour(element, 'line');
  const few = (from.data[0]?.length ?? 0) <= FEW_SAMPLES;
  const forced = matchMedia('(forced-colors: active)').matches;
  const shades = { job: colour(element, 'active'), settings: colour(element, 'hold'), pause: colour(element, 'deferred') };
  const shared = {
    stroke: text,
    font: `11px ${getComputedStyle(element).fontFamily}`,
    ticks: { show: false },
    grid: { stroke: line, width: 1 },
  };
  return {
    width: Math.max(200, element.clientWidth),
    height: HEIGHT,
    legend: { show: false },
    padding: [8, RIGHT_PX, 0, 0],
    cursor: { drag: { x: true, y: false, setScale: false }, y: false, points: { size: 6 } },
    scales: {
      x: { time: true, range: [from.span.from, from.span.to] },
      y: { range: (_plot, _low, high) => [0, Math.max(5, (high ?? 0) * 1.1)] },
    },
    axes: [
      { ...shared, size: 26, values: uPlotTimes },
      {
        ...shared,
        size: LEFT_PX,
        space: 28,
        values: (_plot, values) => values.map((value) => (Number.isInteger(value) ? count(value) : '')),
      },
    ],
    series: [
      {},
      ...from.names.map((name, index) => {
        const stroke = colour(element, from.tokens[index]!);
        return {
          label: name,
          stroke,
          fill: index === 0 ? faded(stroke) : undefined,
          width: 1.5,
          dash: forced ? DASHES[index] : undefined,
          points: { show: few, size: 4, fill: stroke, width: 0 },
          spanGaps: false,
        };
      }),
    ],
    hooks: {
      draw: [(plot) => drawMarks(plot, from.marks, shades)],
      setSelect: [
        (plot) => {
          if (plot.select.width < 8) return;
          from.onZoom(
            Math.round(plot.posToVal(plot.select.left, 'x')),
            Math.round(plot.posToVal(plot.select.left + plot.select.width, 'x')),
          );
        },
      ],
    },
  };
}

/** Hours through the day, the date at midnight. */
function uPlotTimes(_plot: uPlot, values: number[]): string[] {
  return values.map((value) => {
    const date = new Date(value * 1000);
    return date.getHours() === 0 && date.getMinutes() === 0 ? dayOf(value * 1000) : shortTime(value * 1000);
  });
}

export interface Plot {
  /** Index of the sample under the pointer, or null. */
  onCursor: (listener: (index: number | null) => void) => void;
  resize: (width: number) => void;
  destroy: () => void;
}

export function draw(from: PlotOptions): Plot {
  let listener: (index: number | null) => void = () => {};
  const all = options(from);
  all.hooks!.setCursor = [(plot) => listener(plot.cursor.idx ?? null)];
  const plot = new uPlot(all, from.data as uPlot.AlignedData, from.element);
  return {
    onCursor: (wanted) => {
      listener = wanted;
    },
    resize: (width) => plot.setSize({ width: Math.max(200, width), height: HEIGHT }),
    destroy: () => plot.destroy(),
  };
}
