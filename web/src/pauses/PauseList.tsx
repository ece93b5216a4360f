/* What is held back now, on the first screen; and below it what others have made, as it was found. */
import { openPauses, pauses } from '../state/pauses';
import { Icon } from '../ui/Icon';
import { Text } from '../ui/Text';
import { pauseWords as P } from '../words/pauses';
import { PauseRow } from './PauseRow';

function Foreign() {
  const found = pauses.value?.foreign ?? [];
  if (found.length === 0) return null;
  return (
    <details class="foreign">
      <summary>
        <Icon name="info" /> {P.foreign(found.length)}
      </summary>
      <ul>
        {found.map(({ what, text }) => (
          <li key={what + text}>
            <code>
              <Text text={text} />
            </code>
          </li>
        ))}
      </ul>
    </details>
  );
}

export function PauseList() {
  return (
    <section class="pauses" aria-label={P.name}>
      {openPauses.value.length > 0 && (
        <ul class="pause-list">
          {openPauses.value.map((pause) => (
            <PauseRow key={pause.id} pause={pause} />
          ))}
        </ul>
      )}
      <Foreign />
    </section>
  );
}
