/* Queue depth over time, above the table. Gaps are gaps. The same can be read as text and as a table. */
import type { ComponentChildren } from 'preact';
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { HistorySample, QueueSummary, SettingsChange } from '../api/types';
import { count, when } from '../lib/format';
import { now } from '../state/clock';
import { summary } from '../state/live';
import { theme } from '../state/prefs';
import { go, route } from '../state/route';
import { Icon } from '../ui/Icon';
import { Problem } from '../ui/Problem';
import { Segments } from '../ui/Segments';
import { W } from '../words';
import { DepthTable } from './DepthTable';
import type { Plot } from './plot';
import { columnsOf, isPreset, PRESETS, spanOf } from './range';
import { marksOf, useHistory } from './useHistory';

export const FIELDS = ['deferred', 'active', 'hold', 'incoming'] as const;

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

function Canvas({
  samples,
  step,
  span,
  changes,
  onIndex,
}: {
  samples: HistorySample[];
  step: number;
  span: { from: number; to: number };
  changes: SettingsChange[];
  onIndex: (at: number | null) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const dark = useDark();
  useEffect(() => {
    let plot: Plot | null = null;
    let gone = false;
    const data = columnsOf(samples, step, [...FIELDS]);
    void import('./plot').then(({ draw }) => {
      if (gone) return;
      plot = draw({
        element,
        data,
        names: FIELDS.map((field) => W.queue[field].name),
        tokens: [...FIELDS],
        marks: marksOf(changes),
        span,
        onZoom: (from, to) => go({ range: `${from}-${to}` }),
      });
      plot.onCursor((index) => onIndex(index === null ? null : (data[0]![index] ?? null)));
    });
    const element = box.current!;
    const sized = new ResizeObserver(() => plot?.resize(element.clientWidth));
    sized.observe(element);
    return () => {
      gone = true;
      sized.disconnect();
      plot?.destroy();
    };
  }, [samples, changes, dark, theme.value]);
  return <div class="plot" ref={box} aria-hidden="true" />;
}

/* The numbers of now stand in the tiles, once; here are those of the time that one points at. */
function Legend({ sample }: { sample: HistorySample | undefined }) {
  return (
    <ul class="legend">
      {FIELDS.map((field) => (
        <li key={field} class={field}>
          <span class="swatch" /> {W.queue[field].name}
          {sample && <strong>{count(sample[field])}</strong>}
        </li>
      ))}
      {sample && <li class="muted legend-time">{when(sample.at, now.value)}</li>}
    </ul>
  );
}

function Ranges() {
  const { range } = route.value;
  return (
    <Segments label={W.chart.range}>
      {PRESETS.map((preset) => (
        <button key={preset} type="button" aria-pressed={range === preset} onClick={() => go({ range: preset })}>
          {W.chart.preset[preset]}
        </button>
      ))}
      {!isPreset(range) && (
        <button type="button" aria-pressed="true" onClick={() => go({ range: '24h' })}>
          {W.chart.zoomed} <Icon name="x" />
        </button>
      )}
    </Segments>
  );
}

/** The samples, and the present as one more where the span ends now. */
function withNow(samples: HistorySample[], now: QueueSummary | null, range: string): HistorySample[] {
  if (!now?.as_of || !isPreset(range) || samples.length === 0) return samples;
  return [...samples, { at: now.as_of, ...now.counts }];
}

export function DepthChart({ choice }: { choice: ComponentChildren }) {
  const { history, changes, problem } = useHistory(route.value.range);
  const at = useSignal<number | null>(null);
  const asTable = useSignal(false);
  const known = summary.value !== null;
  const samples = useMemo(() => withNow(history.value?.samples ?? [], summary.peek(), route.value.range), [history.value, known]);
  const pointed = at.value === null ? undefined : samples.find((each) => Date.parse(each.at) / 1000 >= at.value!);
  const peak = samples.reduce((most, each) => Math.max(most, each.deferred), 0);
  return (
    <section class="chart" aria-label={W.chart.title}>
      <header>
        <h2 class="visually-hidden">{W.chart.title}</h2>
        {choice}
        <Legend sample={pointed} />
        <button
          type="button"
          class="link small-text"
          aria-pressed={asTable.value}
          onClick={() => {
            asTable.value = !asTable.value;
          }}
        >
          {asTable.value ? W.chart.asChart : W.chart.asTable}
        </button>
        <Ranges />
      </header>
      <p class="visually-hidden">{samples.length > 0 ? W.chart.summary(samples.length, count(peak)) : W.chart.nothing}</p>
      {problem.value && <Problem problem={problem.value} />}
      {history.value && samples.length === 0 && <p class="muted chart-empty">{W.chart.nothing}</p>}
      {asTable.value ? (
        <DepthTable samples={samples} />
      ) : (
        samples.length > 0 && (
          <Canvas
            samples={samples}
            step={history.value!.step}
            span={spanOf(route.value.range, Date.now())}
            changes={changes.value}
            onIndex={(index) => {
              at.value = index;
            }}
          />
        )
      )}
      {!history.value && !problem.value && <div class="plot waiting" />}
    </section>
  );
}
