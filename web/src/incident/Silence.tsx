/* From an incident's page: alerts of it are kept back until a time. */
import { useSignal } from '@preact/signals';
import type { Incident } from '../api/types';
import { SilenceDialog } from '../alerts/SilenceDialog';
import { Icon } from '../ui/Icon';
import { alertsPageWords as A } from '../words/alerts';

export function Silence({ incident }: { incident: Incident }) {
  const open = useSignal(false);
  const close = () => {
    open.value = false;
  };
  return (
    <>
      <button
        type="button"
        class="button small"
        onClick={() => {
          open.value = true;
        }}
      >
        <Icon name="bell-off" /> {A.silences.ofIncident}
      </button>
      {open.value && <SilenceDialog incident={incident} onClose={close} onDone={close} />}
    </>
  );
}
