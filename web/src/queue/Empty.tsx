/* The table without rows, each case in its own words: nothing queued, nothing matches, first reading, no answer. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get } from '../api/client';
import type { FilterExplanation, QueueSummary } from '../api/types';
import { replaced } from '../lib/filter';
import { count, percent } from '../lib/format';
import { summary } from '../state/live';
import { changeFilter } from '../state/marks';
import { filter } from '../state/route';
import { scope } from '../state/session';
import { loading, takeView, view, viewProblem } from '../state/view';
import { Icon } from '../ui/Icon';
import { Phrase } from '../ui/Phrase';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { Relative } from '../ui/Time';
import { W } from '../words';

function FirstReading({ source }: { source: QueueSummary['source'] }) {
  const { loaded, expected } = source;
  return (
    <div class="empty">
      <Icon name="loader" class="turning" />
      <h2>{W.empty.reading}</h2>
      {expected !== null && expected > 0 && <progress value={loaded} max={expected} aria-label={W.empty.reading} />}
      <p>{expected ? W.empty.readSome(count(loaded), count(expected), percent(loaded, expected)) : W.empty.read(count(loaded))}</p>
    </div>
  );
}

/** For each term: how many messages would match without it, so that the one that kills the result is seen. */
function useWithout(text: string) {
  const found = useSignal<FilterExplanation | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    found.value = null;
    get<FilterExplanation>('/filters', { text, counts: 'true' }, stop.signal).then(
      (result) => {
        found.value = result;
      },
      () => {},
    );
    return () => stop.abort();
  }, [text]);
  return found;
}

function NothingMatches() {
  const text = filter.value;
  const chips = useWithout(text).value?.chips ?? [];
  return (
    <div class="empty">
      <Icon name="filter" />
      <h2>{W.empty.noMatch}</h2>
      {chips.length > 1 &&
        chips
          .filter((chip) => chip.matched_without)
          .map((chip) => (
            <p key={chip.column}>
              <Phrase
                text={W.empty.without(chip.matched_without!)}
                parts={{
                  term: (
                    <code>
                      <Text text={chip.text} />
                    </code>
                  ),
                }}
              />{' '}
              <button type="button" class="button small" onClick={() => changeFilter(replaced(text, chip.removal, '').text.trim())}>
                {W.empty.dropTerm}
              </button>
            </p>
          ))}
      <button type="button" class="button" onClick={() => changeFilter('')}>
        {W.empty.showAll}
      </button>
    </div>
  );
}

export function Empty() {
  const now = summary.value;
  if (!view.value) {
    if (viewProblem.value)
      return (
        <div class="empty">
          <Problem problem={viewProblem.value} onRetry={() => void takeView()} />
        </div>
      );
    return (
      <div class="empty">
        <Icon name="loader" class="turning" />
        <p>{W.loading}</p>
      </div>
    );
  }
  if (now && (now.source.state === 'loading' || now.source.state === 'starting')) return <FirstReading source={now.source} />;
  if (now?.source.state === 'failed')
    return (
      <div class="empty">
        <Icon name="server-off" />
        <h2>{W.empty.failed}</h2>
        <p>{W.empty.failedWhy}</p>
      </div>
    );
  if (filter.value.trim() !== '') return <NothingMatches />;
  return (
    <div class="empty">
      <Icon name="inbox" />
      <h2>{scope.value === null ? W.empty.nothing : W.empty.nothingOfPart}</h2>
      <p>
        {now?.as_of && <Phrase text={W.empty.asOf} parts={{ time: <Relative at={now.as_of} /> }} />}{' '}
        {now?.postfix.running === false ? W.empty.stopped : W.empty.running}
      </p>
      {loading.value && <span class="visually-hidden">{W.loading}</span>}
    </div>
  );
}
