/* The destinations of what a filter matches, those with most mail first. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get } from '../api/client';
import type { Groups } from '../api/types';

const FEW = 3;

export function useDomains(filter: string | null): string[] {
  const domains = useSignal<string[]>([]);
  useEffect(() => {
    if (filter === null) return;
    const stop = new AbortController();
    get<Groups>('/groups', { by: 'recipient_domain', filter, limit: FEW }, stop.signal).then(
      ({ groups }) => {
        domains.value = groups.map(({ key }) => key ?? '').filter(Boolean);
      },
      () => {} /* then nothing is offered */,
    );
    return () => stop.abort();
  }, [filter]);
  return domains.value;
}
