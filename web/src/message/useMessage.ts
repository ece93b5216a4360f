/* One message with all that is known of it, read again as the queue changes (at most every few seconds). */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { aborted, get, problemIn } from '../api/client';
import type { MessageDetail, Problem } from '../api/types';
import { onEvent, paused } from '../state/live';

const LEAST_INTERVAL_MS = 3000;

export function useMessage(id: string) {
  const message = useSignal<MessageDetail | null>(null);
  const problem = useSignal<Problem | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    let last = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async () => {
      timer = undefined;
      last = Date.now();
      try {
        message.value = await get<MessageDetail>(`/messages/${id}`, {}, stop.signal);
        problem.value = null;
      } catch (error) {
        if (!aborted(error)) problem.value = problemIn(error);
      }
    };
    void load();
    const off = onEvent('queue', (summary) => {
      if (paused.value || timer !== undefined || summary.generation === message.value?.generation) return;
      if (problem.value?.code === 'message_not_found') return;
      timer = setTimeout(load, Math.max(0, last + LEAST_INTERVAL_MS - Date.now()));
    });
    return () => {
      off();
      clearTimeout(timer);
      stop.abort();
    };
  }, [id]);
  return { message, problem };
}
