/* What there is to find now: what the page knows at once, and what the server says of a text when the typing rests. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { aborted, get, problemIn } from '../api/client';
import type { FilterCompletions, Group, Groups } from '../api/types';
import { quote } from '../lib/filter';
import { incidents } from '../state/incidents';
import { jobList } from '../state/jobs';
import { loadViews, teamViews } from '../state/savedViews';
import { actions, type Item, matching, ofAddress, ofCauses, ofIncidents, ofJobs, ofText, ofViews, settings } from './sources';

const WAIT_MS = 120;
const MOST_CAUSES = 50;
const MOST_ADDRESSES = 5; /* of senders, and of recipients */
const MOST = 24;

async function addresses(field: 'from' | 'to', text: string, stop: AbortSignal): Promise<Item[]> {
  const asked = `${field}:${quote(text)}`;
  const { items } = await get<FilterCompletions>(
    '/filters/completions',
    { text: asked, at: [...asked].length, limit: MOST_ADDRESSES },
    stop,
  );
  return items.filter(({ kind }) => kind === 'value').map(({ label, messages }) => ofAddress(field, label, messages));
}

function useCauses() {
  const causes = useSignal<Group[]>([]);
  useEffect(() => {
    const stop = new AbortController();
    get<Groups>('/groups', { by: 'cause', limit: MOST_CAUSES }, stop.signal).then(
      ({ groups }) => {
        causes.value = groups;
      },
      (error) => {
        if (!aborted(error)) problemIn(error); /* the rest is found without them */
      },
    );
    return () => stop.abort();
  }, []);
  return causes;
}

export function usePalette(text: string): Item[] {
  const causes = useCauses();
  const found = useSignal<{ text: string; items: Item[] }>({ text: '', items: [] });
  useEffect(() => void loadViews(), []);
  useEffect(() => {
    if (text === '') return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      Promise.all((['to', 'from'] as const).map((field) => addresses(field, text, stop.signal))).then(
        (lists) => {
          found.value = { text, items: lists.flat() };
        },
        (error) => {
          if (!aborted(error)) problemIn(error);
        },
      );
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text]);
  const known = [
    ...actions(),
    ...ofIncidents(incidents.value?.incidents ?? []),
    ...ofCauses(causes.value),
    ...ofViews(teamViews.value ?? []),
    ...ofJobs(jobList.value),
    ...settings(),
  ];
  if (text === '') return known.slice(0, MOST);
  /* Those of a text that has grown since still begin as it does: they stand until their successors are here. */
  const live = text.startsWith(found.value.text) ? matching(found.value.items, text) : [];
  return [...ofText(text).slice(0, -1), ...live, ...matching(known, text), ...ofText(text).slice(-1)].slice(0, MOST);
}
