/* Asks before a token ends: a script that nobody thought of may use it. */
import { useSignal } from '@preact/signals';
import { problemIn } from '../api/client';
import type { Problem as ProblemData, Token } from '../api/types';
import { say } from '../state/toasts';
import { Dialog } from '../ui/Dialog';
import { Problem } from '../ui/Problem';
import { W } from '../words';
import { accountPageWords as A } from '../words/accountPage';
import { endToken } from './useTokens';

const T = A.tokens;

export function EndToken({ token, onClose, onDone }: { token: Token; onClose: () => void; onDone: () => void }) {
  const problem = useSignal<ProblemData | null>(null);
  const end = async () => {
    try {
      await endToken(token);
      say(T.ended(token.name));
      onDone();
    } catch (error) {
      problem.value = problemIn(error);
    }
  };
  return (
    <Dialog title={T.endAsk(token.name)} onClose={onClose} class="ask">
      <p>{T.endWhat}</p>
      {problem.value && <Problem problem={problem.value} />}
      <div class="dialog-buttons">
        <button type="button" class="button" data-first onClick={onClose}>
          {W.cancel}
        </button>
        <button type="button" class="button primary danger" onClick={() => void end()}>
          {T.end}
        </button>
      </div>
    </Dialog>
  );
}
