/* What was changed in the settings, newest first. */
import { get } from '../api/client';
import type { SettingsChange } from '../api/types';
import { scope } from './session';

/** None for somebody with a scope, who is refused them. */
export async function readSettingsChanges(signal?: AbortSignal): Promise<SettingsChange[]> {
  if (scope.value !== null) return [];
  return (await get<{ changes: SettingsChange[] }>('/settings/changes', { limit: 50 }, signal)).changes;
}
