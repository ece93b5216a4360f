/* Asking Postfix to try the whole queue now: said in full before, because it can be a burst. */
import { useSignal } from '@preact/signals';
import { post, problemIn } from '../api/client';
import type { Problem as ProblemData, Warning } from '../api/types';
import { count } from '../lib/format';
import { closeFlush } from '../state/actions';
import { summary } from '../state/live';
import { say } from '../state/toasts';
import { Dialog } from '../ui/Dialog';
import { Icon } from '../ui/Icon';
import { WarningNotice } from '../ui/Notices';
import { Problem } from '../ui/Problem';
import { W } from '../words';
import { actionDialogWords as D } from '../words/actionDialog';

export function FlushDialog() {
  const problem = useSignal<ProblemData | null>(null);
  const warnings = useSignal<Warning[]>([]);
  const busy = useSignal(false);
  const flush = async () => {
    busy.value = true;
    try {
      /* What is only good to know stands here already. */
      warnings.value = (await post<{ warnings: Warning[] }>('/flush')).warnings.filter((warning) => warning.severity !== 'info');
      say(D.flush.asked);
      if (warnings.value.length === 0) closeFlush();
    } catch (error) {
      problem.value = problemIn(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <Dialog title={D.flush.ask(count(summary.value?.counts.deferred ?? 0))} onClose={closeFlush} class="ask">
      <p>{W.flush.what}</p>
      <p>{D.flush.caution}</p>
      <p class="muted">{D.flush.means}</p>
      {warnings.value.map((warning) => (
        <WarningNotice key={warning.code} warning={warning} />
      ))}
      {problem.value && <Problem problem={problem.value} />}
      <p class="command muted">
        {W.ask.command} <code>postqueue -f</code>
      </p>
      <div class="dialog-buttons">
        <button type="button" class="button" data-first onClick={closeFlush}>
          {W.cancel}
        </button>
        <button type="button" class="button primary" disabled={busy.value} onClick={() => void flush()}>
          <Icon name="zap" /> {W.flush.name}
        </button>
      </div>
    </Dialog>
  );
}
