/* "Hold back mail": what, until when, why; what that would mean in numbers; and where Postfix is not set up for it, that first. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { post, problemIn } from '../api/client';
import type { Pause, PausePreview, Problem as ProblemData } from '../api/types';
import { actOn, closePause, loadPauses, type PauseSubject, pauses } from '../state/pauses';
import { say } from '../state/toasts';
import { Dialog } from '../ui/Dialog';
import { Icon } from '../ui/Icon';
import { Problem } from '../ui/Problem';
import { W } from '../words';
import { pauseDialogWords as D } from '../words/pauses';
import { endOf } from './ends';
import { PauseFields, type PauseForm } from './PauseFields';
import { PauseSetupForm } from './PauseSetupForm';
import { holdable, holds, PauseSummary } from './PauseSummary';
import { type PauseTarget, usePausePreview } from './usePausePreview';

const fresh = (first: PauseSubject | undefined): PauseForm => ({
  kind: first?.kind ?? 'domain',
  key: first?.key ?? '',
  subdomains: false,
  throttle: 0,
  release: false,
  end: '1',
  own: '',
  long: false,
  reason: '',
  confirm: '',
});

/** What is asked for, as the server takes it; null while it is not whole. */
function targetOf(form: PauseForm): PauseTarget | null {
  const until = endOf(form.end, form.own);
  if (form.key === '' || until === null) return null;
  const held = form.kind === 'sender' || form.kind === 'login';
  return {
    kind: form.kind,
    key: form.key,
    until: until.toISOString(),
    long: form.long || form.end === 'morning',
    ...(held ? { release: form.release } : { throttle: form.throttle }),
    ...(form.kind === 'domain' ? { subdomains: form.subdomains } : {}),
  };
}

/** Why the button is grey, where it is for something that is still to be filled in. */
const missingIn = (form: PauseForm): string | null =>
  form.key === '' ? D.needsKey : endOf(form.end, form.own) === null ? D.needsEnd : form.reason.trim() === '' ? D.needsReason : null;

/** Sets the pause, then puts on hold what was chosen beside it. */
async function begin(form: PauseForm, target: PauseTarget, hold: PausePreview | null): Promise<void> {
  const reason = form.reason.trim();
  await post<Pause>('/pauses', { ...target, reason, ...(form.confirm ? { confirm: form.confirm } : {}) });
  if (hold) await actOn('hold', holds(hold) ? hold.filter : hold.expire_filter, (holds(hold) ? D.noteQueued : D.noteExpiring)(target.key));
  void loadPauses();
  say(D.done(target.key));
}

function Form({ offered, setUp }: { offered: PauseSubject[]; setUp: () => void }) {
  const form = useSignal(fresh(offered[0]));
  const holdToo = useSignal(false);
  const wrong = useSignal<ProblemData | null>(null);
  const busy = useSignal(false);
  const target = targetOf(form.value);
  const { preview, problem } = usePausePreview(target);
  const now = preview.value;
  const missing = now !== null && now.setup !== null && now.setup !== 'done';
  useEffect(() => {
    if (missing) setUp();
  }, [missing]);
  const todo = missingIn(form.value);
  const ready = target !== null && now !== null && todo === null && !busy.value;
  const confirm = async () => {
    if (!ready) return;
    busy.value = true;
    wrong.value = null;
    try {
      await begin(form.value, target, holdToo.value && holdable(now) > 0 ? now : null);
      closePause();
    } catch (error) {
      wrong.value = problemIn(error);
      if (wrong.value.code === 'pause_setup_missing') setUp();
    } finally {
      busy.value = false;
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void confirm();
      }}
    >
      <PauseFields form={form.value} offered={offered} onChange={(change) => (form.value = { ...form.value, ...change })} />
      {target && !now && !problem.value && (
        <p class="pause-preview muted">
          <Icon name="loader" class="turning" /> {D.looking}
        </p>
      )}
      {now && <PauseSummary preview={now} holdToo={holdToo.value} onHoldToo={(wanted) => (holdToo.value = wanted)} />}
      {(wrong.value ?? problem.value) && <Problem problem={(wrong.value ?? problem.value)!} />}
      {wrong.value?.code === 'pause_own_domain' && (
        <label class="field">
          <span>{D.confirm(form.value.key)}</span>
          <input
            type="text"
            autocomplete="off"
            value={form.value.confirm}
            onInput={(event) => (form.value = { ...form.value, confirm: event.currentTarget.value })}
          />
        </label>
      )}
      <div class="dialog-buttons">
        <span id="pause-todo" class="muted small-text pause-todo">
          {todo}
        </span>
        <button type="button" class="button" onClick={closePause}>
          {W.cancel}
        </button>
        <button type="submit" class="button primary" disabled={!ready} aria-describedby="pause-todo">
          <Icon name="circle-pause" /> {D.button}
        </button>
      </div>
    </form>
  );
}

export function PauseDialog({ offered }: { offered: PauseSubject[] }) {
  const state = pauses.value?.setup;
  const setUp = useSignal(state === null || state === undefined || state === 'done');
  return (
    <Dialog title={offered.length === 1 ? D.titleOf(offered[0]!.key) : D.title} onClose={closePause} class="ask pause-ask">
      {setUp.value ? (
        <Form offered={offered} setUp={() => (setUp.value = false)} />
      ) : (
        <PauseSetupForm onDone={() => (setUp.value = true)} onClose={closePause} />
      )}
    </Dialog>
  );
}
