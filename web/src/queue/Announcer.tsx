/* Tells those who listen how it goes: what needs somebody, then the queue; at most every 15 s. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { incidents } from '../state/incidents';
import { fresh, view } from '../state/view';
import { W } from '../words';

const EVERY_MS = 15_000;

export function Announcer() {
  const said = useSignal('');
  useEffect(() => {
    const timer = setInterval(() => {
      const rows = view.value && W.announce(view.value.matched, fresh.value.arrived, fresh.value.gone);
      said.value = [incidents.value?.calm === false && incidents.value.sentence, rows].filter(Boolean).join(' ');
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {said.value}
    </div>
  );
}
