/* A test of the destinations that a message's recipients wait for. */
import type { MessageDetail } from '../api/types';
import { Probes } from '../probes/Probes';
import { probeWords as P } from '../words/probes';

const FEW = 3;
const BLOCKLISTED = 'blocklisted'; /* the runbook of what others hold against our address */

/** The domains of those that wait, each once, those with most recipients first. */
export function domainsOf({ recipients }: Pick<MessageDetail, 'recipients'>): string[] {
  const counts = new Map<string, number>();
  for (const { address } of recipients) {
    const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
    if (domain !== '' && address.includes('@')) counts.set(domain, (counts.get(domain) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([domain]) => domain);
}

export function Tests({ message }: { message: MessageDetail }) {
  const { diagnoses } = message;
  const domains = domainsOf(message).slice(0, FEW);
  if (domains.length === 0) return null;
  return (
    <section class="message-tests">
      <h3>{P.title}</h3>
      <Probes domains={domains} own={diagnoses.some(({ runbook }) => runbook === BLOCKLISTED)} />
    </section>
  );
}
