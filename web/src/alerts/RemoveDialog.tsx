/* Asks before a channel or a rule goes. A rule that is left without a channel goes with it. */
import type { ComponentChildren } from 'preact';
import { Dialog } from '../ui/Dialog';
import { alertsPageWords as A } from '../words/alerts';
import { FormButtons } from './Fields';
import { SaveProblem } from './SaveProblem';
import type { Saving } from './useSave';

interface Props<T> {
  title: string;
  saving: Saving<T>;
  itemOf: (read: T) => unknown;
  onClose: () => void;
  onSubmit: () => Promise<void>;
  children: ComponentChildren;
}

export function RemoveDialog<T>({ title, saving, itemOf, onClose, onSubmit, children }: Props<T>) {
  return (
    <Dialog title={title} onClose={onClose} class="ask">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void onSubmit();
        }}
      >
        {children}
        <SaveProblem saving={saving} itemOf={itemOf} />
        <FormButtons busy={saving.busy} name={A.remove} danger onClose={onClose} />
      </form>
    </Dialog>
  );
}
