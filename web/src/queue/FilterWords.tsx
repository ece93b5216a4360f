/*
 * One line below the filter: its terms as chips and what it means in words; or where it is wrong and what was expected.
 * It is always one line: what needs more room lies over the table for as long, so that no row moves.
 */
import type { FilterChip } from '../api/types';
import { markFault } from '../lib/filter';
import { count } from '../lib/format';
import { plain } from '../lib/text';
import { dropChip, explained, fault, MOST_CHARACTERS, notYet, tooLong, turnChip, typed } from '../state/filterBox';
import { view, viewProblem } from '../state/view';
import { Icon } from '../ui/Icon';
import { Phrase } from '../ui/Phrase';
import { Text } from '../ui/Text';
import { W } from '../words';

/** What the table shows while the box holds something else. */
function Still() {
  const shown = view.value?.filter ?? '';
  return (
    <span>
      {shown === '' ? (
        W.stillAll
      ) : (
        <Phrase
          text={W.still}
          parts={{
            filter: (
              <code>
                <Text text={shown} />
              </code>
            ),
          }}
        />
      )}
    </span>
  );
}

function Fault() {
  const { text, column, expected, unfinished } = fault.value!;
  if (unfinished)
    return (
      <div class="filter-words">
        <p class="filter-meaning muted" id="filter-words">
          <Phrase text={W.goesOn} parts={{ expected: <Text text={expected} /> }} /> <Still />
        </p>
      </div>
    );
  const [before, at, after] = markFault(text, column);
  return (
    <div class="fault" role="alert" id="filter-fault">
      <code class="fault-text" aria-hidden="true">
        {plain(before)}
        <u>{at === '' ? '\u00a0' : plain(at)}</u>
        {plain(after)}
      </code>
      <p id="filter-words">
        <Icon name="circle-alert" /> <Phrase text={W.faultAt(column)} parts={{ expected: <Text text={expected} /> }} />{' '}
        <span class="muted">{view.value?.filter ? W.lastGood : W.allMeanwhile}</span>
      </p>
    </div>
  );
}

function Chip({ chip }: { chip: FilterChip }) {
  return (
    <li>
      <span class={`chip ${chip.negated ? 'not' : ''}`}>
        <button type="button" class="chip-text" title={`${chip.words}. ${W.turnTerm}`} onClick={() => turnChip(chip)}>
          <Text text={chip.text} />
        </button>
        <button type="button" aria-label={W.removeTerm(plain(chip.text))} onClick={() => dropChip(chip)}>
          <Icon name="x" />
        </button>
      </span>
    </li>
  );
}

function Words() {
  if (tooLong.value)
    return (
      <div class="fault" role="alert">
        <p id="filter-words">
          <Icon name="circle-alert" /> {W.filterTooLong(count(MOST_CHARACTERS), count([...typed.value].length))}
        </p>
      </div>
    );
  if (fault.value) return <Fault />;
  if (notYet.value)
    return (
      <div class="filter-words">
        <p class="filter-meaning" id="filter-words">
          <Phrase text={W.enterRuns} parts={{ key: <kbd>Enter</kbd> }} /> <Still />
        </p>
      </div>
    );
  const now = explained.value;
  const unavailable = viewProblem.value?.code === 'field_unavailable' ? viewProblem.value : null;
  return (
    <div class="filter-words">
      {now && now.chips.length > 0 && (
        <ul class="chips" aria-label={W.chips}>
          {now.chips.map((chip) => (
            <Chip key={`${chip.column}${chip.text}`} chip={chip} />
          ))}
          {now.more_chips > 0 && <li class="muted">{W.more(now.more_chips)}</li>}
        </ul>
      )}
      <p class="filter-meaning muted" id="filter-words" title={now?.explanation ?? undefined}>
        {now?.explanation ? <Text text={now.explanation} /> : W.allMessages}
      </p>
      {unavailable && (
        <p class="notice warning" role="alert">
          <Icon name="triangle-alert" /> <Text text={unavailable.detail} />
        </p>
      )}
    </div>
  );
}

export function FilterWords() {
  return (
    <div class="filter-below">
      <Words />
    </div>
  );
}
