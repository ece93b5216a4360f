/* Asks the log where the queue has little to say, and only for somebody who stays at a filter. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { traceText } from '../lib/traceText';
import { viewProblem, view } from '../state/view';
import { lazy } from '../ui/lazy';

const LITTLE = 5; /* messages: the log's answer is in sight below them */
const STAY_MS = 700;

const LogAnswer = lazy(() => import('../trace/LogAnswer').then((module) => module.LogAnswer));

/** The text to look for in the log, once somebody has stayed at a filter that finds little. */
export function useInLog(): string | null {
  const now = view.value;
  const wanted = now && !viewProblem.value && now.matched <= LITTLE ? traceText(now.filter) : null;
  const stayed = useSignal<string | null>(null);
  useEffect(() => {
    if (wanted === null) return;
    const timer = setTimeout(() => {
      stayed.value = wanted;
    }, STAY_MS);
    return () => {
      clearTimeout(timer);
      stayed.value = null;
    };
  }, [wanted]);
  return stayed.value === wanted ? wanted : null;
}

export const InLog = ({ text }: { text: string | null }) => (text === null ? null : <LogAnswer key={text} text={text} />);
