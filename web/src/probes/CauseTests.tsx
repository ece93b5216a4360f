/* In the cause banner: tests of the destinations that most of its messages wait for. */
import { Probes } from './Probes';
import { useDomains } from './useDomains';

export function CauseTests({ filter }: { filter: string }) {
  return <Probes domains={useDomains(filter)} own={true} />;
}
