/* Tells those who listen how the queue goes, at most every 15 s. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { fresh, view } from '../state/view';
import { W } from '../words';

const EVERY_MS = 15_000;

export function Announcer() {
  const said = useSignal('');
  useEffect(() => {
    const timer = setInterval(() => {
      if (view.value) said.value = W.announce(view.value.matched, fresh.value.arrived, fresh.value.gone);
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {said.value}
    </div>
  );
}
