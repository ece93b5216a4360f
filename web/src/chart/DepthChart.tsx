/* The queue over time, above the table: how deep it was and what became of mail, by queue, cause, domain or login. Gaps are gaps. The same
 * can be read as text and as a table. */
import type { ComponentChildren } from 'preact';
import { useSignal } from '@preact/signals';
import { count, when } from '../lib/format';
import { withTerm } from '../lib/filter';
import { now } from '../state/clock';
import { filter, go, href, route } from '../state/route';
import { Icon } from '../ui/Icon';
import { Problem } from '../ui/Problem';
import { Segments } from '../ui/Segments';
import { W } from '../words';
import { Canvas } from './Canvas';
import { BYS, type Choice, choiceOf, isEmpty, isPoint, type Lines, textOf, WHATS } from './lines';
import { LinesTable } from './LinesTable';
import { isPreset, PRESETS, spanOf } from './range';
import { useLines } from './useLines';
import { marksOf } from './useHistory';

function Choices({ choice }: { choice: Choice }) {
  const choose = (change: Partial<Choice>) => go({ chart: textOf({ ...choice, ...change }) }, true);
  return (
    <>
      <Segments label={W.chart.whatLabel}>
        {WHATS.map((what) => (
          <button key={what} type="button" aria-pressed={choice.what === what} onClick={() => choose({ what })}>
            {W.chart.what[what]}
          </button>
        ))}
      </Segments>
      <Segments label={W.chart.byLabel}>
        {BYS.map((by) => (
          <button key={by} type="button" aria-pressed={choice.by === by} onClick={() => choose({ by })}>
            {by === 'queue' && choice.what !== 'depth' ? W.chart.all : W.chart.by[by]}
          </button>
        ))}
      </Segments>
    </>
  );
}

/* The numbers of now stand above, once; here are those of the time that one points at. */
function Legend({ lines, index }: { lines: Lines; index: number | null }) {
  return (
    <ul class="legend">
      {lines.lines.map(({ name, token, filter: term }, line) => (
        <li key={name} class={token}>
          <span class="swatch" />
          {term === null ? name : <a href={href({ filter: withTerm(filter.value, term) })}>{name}</a>}
          {index !== null && <strong>{lines.data[line + 1]![index] === null ? W.none : count(lines.data[line + 1]![index]!)}</strong>}
        </li>
      ))}
      {index !== null && <li class="muted legend-time">{when(new Date(lines.data[0]![index]! * 1000).toISOString(), now.value)}</li>}
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

const peakOf = ({ data }: Lines): number => Math.max(0, ...(data[1] ?? []).filter((value) => value !== null));

function Body({
  lines,
  asTable,
  title,
  marks,
  onIndex,
}: {
  lines: Lines;
  asTable: boolean;
  title: string;
  marks: ReturnType<typeof marksOf>;
  onIndex: (index: number | null) => void;
}) {
  if (isEmpty(lines)) return <p class="muted chart-empty">{W.chart.nothing}</p>;
  if (asTable) return <LinesTable lines={lines} title={title} />;
  if (isPoint(lines)) return <p class="muted chart-empty">{W.chart.onePoint}</p>;
  return <Canvas lines={lines} span={spanOf(route.value.range, Date.now())} marks={marks} onIndex={onIndex} />;
}

export function DepthChart({ choice: above }: { choice: ComponentChildren }) {
  const choice = choiceOf(route.value.chart);
  const { lines, changes, problem } = useLines(choice, route.value.range);
  const at = useSignal<number | null>(null);
  const asTable = useSignal(false);
  const shown = lines.value;
  const title = W.chart.titleOf(choice.what);
  return (
    <section class="chart" aria-label={title}>
      <header>
        <h2 class="visually-hidden">{title}</h2>
        {above}
        <Choices choice={choice} />
        <Ranges />
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
      </header>
      {shown && <Legend lines={shown} index={at.value !== null && at.value < shown.data[0]!.length ? at.value : null} />}
      {shown && (
        <p class="visually-hidden">
          {isEmpty(shown) ? W.chart.nothing : W.chart.summary(shown.data[0]!.length, count(peakOf(shown)), shown.lines[0]!.name)}
        </p>
      )}
      {problem.value && <Problem problem={problem.value} />}
      {shown && (
        <Body
          lines={shown}
          asTable={asTable.value}
          title={title}
          marks={marksOf(changes.value)}
          onIndex={(index) => {
            at.value = index;
          }}
        />
      )}
      {!shown && !problem.value && <div class="plot waiting" />}
    </section>
  );
}
