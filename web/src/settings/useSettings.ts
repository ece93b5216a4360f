/* The settings as they are, the draft of what they should be, and what the draft would mean. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { aborted, get, post, problemIn, put } from '../api/client';
import type { Problem, SettingName, Settings, SettingsChange, SettingsPreview } from '../api/types';
import { onEvent } from '../state/live';
import { readSettingsChanges } from '../state/settingsChanges';

/** A new value as Postfix writes it, or null for its default. */
export type Draft = Partial<Record<SettingName, string | null>>;

const SETTLE_MS = 400;

export function useSettings() {
  const settings = useSignal<Settings | null>(null);
  const changes = useSignal<SettingsChange[]>([]);
  const problem = useSignal<Problem | null>(null);
  const load = async () => {
    try {
      settings.value = await get<Settings>('/settings');
      changes.value = await readSettingsChanges();
      problem.value = null;
    } catch (error) {
      problem.value = problemIn(error);
    }
  };
  useEffect(() => {
    void load();
    return onEvent('settings', () => void load());
  }, []);
  /* Events can be lost (a reload of Postfix may take the stream with it): while a change is applied, look as well. */
  const applying = settings.value?.applying ?? null;
  useEffect(() => {
    if (applying === null) return;
    const timer = setInterval(() => void load(), 2000);
    return () => clearInterval(timer);
  }, [applying]);
  return { settings, changes, problem, load };
}

export function usePreview(draft: Draft) {
  const preview = useSignal<SettingsPreview | null>(null);
  const problem = useSignal<Problem | null>(null);
  const text = JSON.stringify(draft);
  useEffect(() => {
    const stop = new AbortController();
    if (Object.keys(draft).length === 0) {
      preview.value = null;
      problem.value = null;
      return;
    }
    const timer = setTimeout(() => {
      post<SettingsPreview>('/settings/preview', { values: draft }, stop.signal).then(
        (found) => {
          preview.value = found;
          problem.value = null;
        },
        (error) => {
          if (!aborted(error)) problem.value = problemIn(error);
        },
      );
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text]);
  return { preview, problem };
}

export const saveSettings = (draft: Draft, note: string): Promise<SettingsChange> =>
  put<SettingsChange>('/settings', { values: draft, ...(note ? { note } : {}) });

export const restoreChange = (id: number): Promise<SettingsChange> => post<SettingsChange>(`/settings/changes/${id}/restore`);
