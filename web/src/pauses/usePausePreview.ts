/* What the pause in the dialog would mean, asked again when the typing rests. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { aborted, post, problemIn } from '../api/client';
import type { PausePreview, Problem } from '../api/types';
import type { PauseSubject } from '../state/pauses';

const WAIT_MS = 300;

export interface PauseTarget extends PauseSubject {
  subdomains?: boolean;
  throttle?: number;
  release?: boolean;
  until: string;
  long?: boolean;
}

/** `target` null: not enough is said yet. */
export function usePausePreview(target: PauseTarget | null) {
  const preview = useSignal<PausePreview | null>(null);
  const problem = useSignal<Problem | null>(null);
  /* The end of "in 1 h" moves on with each second, and means the same. */
  const key = target === null ? '' : JSON.stringify({ ...target, until: target.until.slice(0, 15) });
  useEffect(() => {
    preview.value = null;
    problem.value = null;
    if (target === null) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      post<PausePreview>('/previews', { pause: target }, stop.signal).then(
        (found) => {
          preview.value = found;
        },
        (error) => {
          if (!aborted(error)) problem.value = problemIn(error);
        },
      );
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [key]);
  return { preview, problem };
}
