/* What the strip above the table opens to: the depth over time, or the shape of what is queued now. */
import { above, showChart } from '../state/prefs';
import { W } from '../words';
import { Shape } from '../queue/Shape';
import { Icon } from '../ui/Icon';
import { Segments } from '../ui/Segments';
import { DepthChart } from './DepthChart';

function Close() {
  return (
    <button
      type="button"
      class="button small quiet close-chart"
      aria-label={W.depth.close}
      title={W.depth.close}
      onClick={() => {
        showChart.value = false;
      }}
    >
      <Icon name="chevron-up" />
    </button>
  );
}

function AboveChoice() {
  return (
    <>
      <Close />
      <Segments label={W.above.choice} class="above-choice">
        {(['depth', 'shape'] as const).map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={above.value === each}
            onClick={() => {
              above.value = each;
            }}
          >
            {W.above[each]}
          </button>
        ))}
      </Segments>
    </>
  );
}

export function Above() {
  if (above.value === 'depth') return <DepthChart choice={<AboveChoice />} />;
  return (
    <section class="chart" aria-labelledby="shape-title">
      <header>
        <h2 id="shape-title" class="visually-hidden">
          {W.shape.title}
        </h2>
        <AboveChoice />
        <p class="muted small-text">{W.shape.what}</p>
      </header>
      <Shape />
    </section>
  );
}
