/* On an incident's page: what a test of its destinations, or of our own address, finds. */
import type { IncidentDetail } from '../api/types';
import { Probes } from '../probes/Probes';
import { useDomains } from '../probes/useDomains';
import { probeWords as P } from '../words/probes';

/* Where another host, or the way to it, is the matter. */
const ABOUT_OTHERS: ReadonlySet<IncidentDetail['kind']> = new Set<IncidentDetail['kind']>([
  'destination',
  'reputation',
  'name_service',
  'expiring',
  'nothing_delivered',
]);
const ABOUT_US: ReadonlySet<IncidentDetail['kind']> = new Set<IncidentDetail['kind']>(['destination', 'reputation', 'nothing_delivered']);

export function Tests({ incident }: { incident: IncidentDetail }) {
  const others = ABOUT_OTHERS.has(incident.kind);
  const domains = useDomains(others && incident.state !== 'ended' ? incident.filter : null);
  const own = ABOUT_US.has(incident.kind);
  if (!others && !own) return null;
  return (
    <section class="card" aria-labelledby="incident-tests">
      <h2 id="incident-tests">{P.title}</h2>
      <Probes incident={incident.id} domains={domains} own={own} />
    </section>
  );
}
