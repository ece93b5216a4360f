/* Why something was not saved: somebody else was quicker, or it is refused. */
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../ui/Icon';
import { Problem } from '../ui/Problem';
import { alertsPageWords as A } from '../words/alerts';
import type { Saving } from './useSave';

interface Props<T> {
  saving: Saving<T>;
  /** What this is about, in what was read; compared to see whether the others changed the same. */
  itemOf: (read: T) => unknown;
  /** It is said beside a field already. */
  said?: boolean;
}

function taken<T>({ saving, itemOf }: Props<T>): string {
  const [old, now] = [itemOf(saving.before!), itemOf(saving.base)];
  if (old !== undefined && now === undefined) return A.sameGone;
  return JSON.stringify(old) === JSON.stringify(now) ? A.takenOver : A.sameChanged;
}

export function SaveProblem<T>(props: Props<T>) {
  const { saving, said } = props;
  const box = useRef<HTMLDivElement>(null);
  /* A form may be longer than the window: what is wrong comes into sight. */
  useEffect(() => {
    if (!saving.problem) return;
    const field = said ? box.current?.closest('form')?.querySelector<HTMLElement>('[aria-invalid="true"]') : null;
    if (field) field.focus();
    else box.current?.scrollIntoView({ block: 'nearest' });
  }, [saving.problem]);
  return <div ref={box}>{what(props)}</div>;
}

function what<T>(props: Props<T>) {
  const { saving, said } = props;
  if (saving.changed)
    return (
      <div class="notice warning" role="alert">
        <Icon name="triangle-alert" />
        <div class="notice-text">
          <p>
            <strong>{A.notSaved}.</strong> {A.changed}
          </p>
          <button type="button" class="button small" disabled={saving.busy} onClick={() => void saving.takeOver()}>
            <Icon name="download" /> {A.takeOver}
          </button>
        </div>
      </div>
    );
  return (
    <>
      {saving.before !== null && (
        <p class="notice info" role="status">
          <Icon name="info" /> {taken(props)}
        </p>
      )}
      {saving.problem && !said && <Problem problem={saving.problem} />}
    </>
  );
}
