/* How groups are called, and their order. */
import type { Group, GroupField } from '../api/types';
import { W } from '../words';

export const FACETS: GroupField[] = [
  'cause',
  'recipient_domain',
  'sender',
  'reason',
  'remote_domain',
  'sender_domain',
  'login',
  'client',
  'age',
  'queue',
];

export function groupName(group: Pick<Group, 'key' | 'readable' | 'diagnosis'>, by: GroupField): string {
  if (group.key === null) return W.groups.unknown;
  if (by === 'age') return W.groups.age(group.key);
  if (by === 'queue') return W.queue[group.key as keyof typeof W.queue]?.name ?? group.key;
  if (group.key === '' && by === 'sender') return W.nullSender;
  if (by === 'cause' && group.diagnosis) return group.diagnosis.title;
  /* A readable name may look like another: the one in the mail stands behind it. */
  return group.readable ? `${group.readable} (${group.key})` : group.key;
}

/** Where an age stands among the ages: its end in minutes, the open one last. */
export const ageOrder = (key: string | null): number => parseInt(key ?? '', 10) + (key?.endsWith('+') ? 1 : 0);

/** Most messages first, as the server counts them; ages from the youngest to the oldest. */
export const inOrder = (groups: Group[], by: GroupField): Group[] =>
  by === 'age' ? [...groups].sort((a, b) => ageOrder(a.key) - ageOrder(b.key)) : groups;
