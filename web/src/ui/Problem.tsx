/* What went wrong, beside its cause, with the reference under which the service's log has the rest. */
import { useSignal } from '@preact/signals';
import type { Problem as ProblemData } from '../api/types';
import { W } from '../words';
import { Icon } from './Icon';
import { Text } from './Text';

/** `bare`: the icon alone stands for what it copies. */
export function CopyButton({ text, label = W.copy, bare }: { text: string; label?: string; bare?: boolean }) {
  const copied = useSignal(false);
  const copy = async () => {
    await navigator.clipboard?.writeText(text).then(
      () => {
        copied.value = true;
      },
      () => {},
    );
    setTimeout(() => {
      copied.value = false;
    }, 2000);
  };
  return (
    <button type="button" class={`button stays ${bare ? '' : 'small quiet'}`} title={bare ? label : undefined} onClick={copy}>
      <Icon name={copied.value ? 'check' : 'copy'} /> <span class={bare ? 'visually-hidden' : ''}>{copied.value ? W.copied : label}</span>
    </button>
  );
}

/* Where the page's own words say all that the service does. */
const SAID = new Set(['login_failed']);

export function Problem({ problem, onRetry, onClose }: { problem: ProblemData; onRetry?: () => void; onClose?: () => void }) {
  return (
    <div class="notice error" role="alert">
      <Icon name="circle-alert" />
      <div class="notice-text">
        <p>
          <Text text={W.problem.of[problem.code] ?? problem.detail} />
        </p>
        {W.problem.of[problem.code] && problem.detail && !SAID.has(problem.code) && (
          <p class="muted">
            <Text text={problem.detail} />
          </p>
        )}
        {problem.reference && (
          <p class="reference muted">
            {W.problem.reference} <code>{problem.reference}</code> <CopyButton text={problem.reference} />
          </p>
        )}
      </div>
      {onRetry && (
        <button type="button" class="button small" onClick={onRetry}>
          <Icon name="refresh-cw" /> {W.tryAgain}
        </button>
      )}
      {onClose && (
        <button type="button" class="button small quiet" aria-label={W.dismiss} onClick={onClose}>
          <Icon name="x" />
        </button>
      )}
    </div>
  );
}
