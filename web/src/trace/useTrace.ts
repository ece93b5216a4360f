/* What the log says of one text, page after page; given up when nobody looks any more. Whoever asks for another text is another. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { aborted, get, problemIn } from '../api/client';
import type { Problem, Trace, TracedMessage } from '../api/types';

const PAGE = 20;

export function useTrace(text: string) {
  const messages = useSignal<TracedMessage[]>([]);
  const answer = useSignal<Trace | null>(null);
  const problem = useSignal<Problem | null>(null);
  const loading = useSignal(true);
  /* A new object asks, even when it asks for the same again. */
  const asked = useSignal<{ after?: string }>({});
  useEffect(() => {
    const stop = new AbortController();
    const { after } = asked.value;
    loading.value = true;
    get<Trace>('/trace', { text, limit: PAGE, after }, stop.signal)
      .then((found) => {
        messages.value = after ? [...messages.value, ...found.messages] : found.messages;
        answer.value = found;
        problem.value = null;
      })
      .catch((error) => {
        if (!aborted(error)) problem.value = problemIn(error);
      })
      .finally(() => {
        loading.value = stop.signal.aborted;
      });
    return () => stop.abort();
  }, [text, asked.value]);
  return {
    messages,
    answer,
    problem,
    loading,
    more: () => {
      if (answer.value?.next) asked.value = { after: answer.value.next };
    },
    again: () => {
      asked.value = {};
    },
  };
}
