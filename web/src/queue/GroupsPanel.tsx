/* What the queue consists of, beside the table: each kind of group, open or closed as one left it. */
import { Icon } from '../ui/Icon';
import { W } from '../words';
import { Facet } from './Facet';
import { FACETS } from './groupNames';

export function GroupsPanel() {
  return (
    <aside class="groups" aria-label={W.groups.title}>
      <h2 class="visually-hidden">{W.groups.title}</h2>
      <div class="facets" tabIndex={0} role="region" aria-label={W.groups.list}>
        {FACETS.map((by) => (
          <Facet key={by} by={by} />
        ))}
      </div>
      <p class="muted small-text hint">
        <Icon name="info" /> {W.groups.hint}
      </p>
    </aside>
  );
}
