/* How incidents are called that the list leaves out, because another one in it explains them. */
import { signal } from '@preact/signals';
import { get } from '../api/client';
import type { IncidentDetail } from '../api/types';
import { incidents } from '../state/incidents';
import { W } from '../words';

const titles = signal<ReadonlyMap<string, string>>(new Map());
const asked = new Set<string>();

async function ask(id: string): Promise<void> {
  asked.add(id);
  const found = await get<IncidentDetail>(`/incidents/${id}`).catch(() => null);
  if (found) titles.value = new Map(titles.value).set(id, found.title);
  else asked.delete(id);
}

/** The title of an incident; asked for once where the list has it not. Until it is known, its number. */
export function titleOfIncident(id: string): string {
  const title = titles.value.get(id) ?? incidents.value?.incidents.find((each) => each.id === id)?.title;
  if (title === undefined && !asked.has(id)) queueMicrotask(() => void (asked.has(id) || ask(id)));
  return title ?? W.incidents.number(id);
}
