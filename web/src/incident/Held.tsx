/* What is held back of what an incident is about: whoever comes here sees it, and can end it. */
import type { Incident } from '../api/types';
import { PauseRow } from '../pauses/PauseRow';
import { pausesOf } from '../state/incidentActions';
import { pauseWords as P } from '../words/pauses';

export function Held({ incident }: { incident: Pick<Incident, 'subject'> }) {
  const held = pausesOf(incident);
  if (held.length === 0) return null;
  return (
    <section class="pauses" aria-label={P.name}>
      <ul class="pause-list">
        {held.map((pause) => (
          <PauseRow key={pause.id} pause={pause} />
        ))}
      </ul>
    </section>
  );
}
