/*
 * Sums up what an action would touch before it runs: exactly the messages of the preview, which are those of the job.
 * If much has moved by the time the button is pressed, the server refuses, and the summary is drawn again with what changed.
 */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { post, problemIn } from '../api/client';
import type { Preview, Problem as ProblemData } from '../api/types';
import { count, span } from '../lib/format';
import { closeQuestion, frictionOf, type Question, runSeen } from '../state/actions';
import type { JobOptions } from '../state/jobs';
import { Dialog } from '../ui/Dialog';
import { Icon } from '../ui/Icon';
import { Phrase } from '../ui/Phrase';
import { Problem } from '../ui/Problem';
import { W } from '../words';
import { actionDialogWords as D } from '../words/actionDialog';
import { ACTION_ICON } from './icons';
import { Options } from './Options';
import { PreviewSummary } from './PreviewSummary';

const readPreview = (asked: Question, undoSeconds?: number): Promise<Preview> =>
  post<Preview>('/previews', {
    action: asked.action,
    ...asked.target,
    ...(asked.action === 'delete' && undoSeconds !== undefined ? { undo_seconds: undoSeconds } : {}),
  });

function usePreview(asked: Question, undoSeconds: number | undefined) {
  const preview = useSignal<Preview | null>(null);
  const problem = useSignal<ProblemData | null>(null);
  useEffect(() => {
    let stale = false;
    readPreview(asked, undoSeconds).then(
      (found) => {
        if (!stale) preview.value = found;
      },
      (error) => {
        if (!stale) problem.value = problemIn(error);
      },
    );
    return () => {
      stale = true;
    };
  }, [asked, undoSeconds]);
  return { preview, problem };
}

function TypeNumber({ matched, typed, onType }: { matched: number; typed: string; onType: (text: string) => void }) {
  return (
    <label class="field">
      <span>{D.typeNumber(count(matched))}</span>
      <input
        type="text"
        inputMode="numeric"
        autocomplete="off"
        value={typed}
        aria-label={D.typeNumber(count(matched))}
        onInput={(event) => onType(event.currentTarget.value)}
      />
    </label>
  );
}

/** What is run; with a grace time, what at once and what after it. */
function Commands({ commands, grace }: { commands: string[]; grace: number | null }) {
  const when = grace !== null && commands.length === 2 ? [D.atOnce, D.afterGrace(span(grace))] : [];
  return (
    <p class="command muted">
      {W.ask.command}{' '}
      {commands.map((command, index) => (
        <span key={command}>
          <Phrase text={when[index] ?? '{command}'} parts={{ command: <code>{command}</code> }} />{' '}
        </span>
      ))}
    </p>
  );
}

const isNumber = (typed: string, matched: number): boolean => typed.replace(/[\s,.'\u00a0\u202f]/g, '') === String(matched);

export function ActionDialog({ asked }: { asked: Question }) {
  const { action } = asked;
  const words = W.actions[action];
  const options = useSignal<JobOptions>(asked.options ?? {});
  const typed = useSignal('');
  const before = useSignal<Preview | null>(null);
  const busy = useSignal(false);
  const { preview, problem } = usePreview(asked, options.value.undo_seconds);
  const now = preview.value;
  const friction = now ? frictionOf(action, now.possible, asked.all) : 'confirm';
  const ready = now !== null && now.possible > 0 && !busy.value && (friction !== 'type' || isNumber(typed.value, now.possible));

  const confirm = async () => {
    if (!ready || !now) return;
    busy.value = true;
    try {
      problem.value = null;
      if (!(await runSeen(asked, now.possible, { ...options.value, seen: now.seen }))) return closeQuestion();
      before.value = now;
      typed.value = '';
      preview.value = await readPreview(asked, options.value.undo_seconds);
    } catch (error) {
      problem.value = problemIn(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <Dialog title={words.ask(now?.possible ?? asked.count)} onClose={closeQuestion} class="ask">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void confirm();
        }}
      >
        <p>{words.what}</p>
        {!now && !problem.value && (
          <p class="muted">
            <Icon name="loader" class="turning" /> {D.looking}
          </p>
        )}
        {before.value && now && (
          <div class="notice warning" role="alert">
            <Icon name="triangle-alert" />
            <p>
              {D.changed} {D.thenNow(before.value.possible, now.possible)}
            </p>
          </div>
        )}
        {now && <PreviewSummary preview={now} />}
        {now && now.possible > 0 && (
          <Options
            action={action}
            options={options.value}
            onChange={(next) => {
              options.value = next;
            }}
          />
        )}
        {now && now.possible > 0 && friction === 'type' && (
          <TypeNumber
            matched={now.possible}
            typed={typed.value}
            onType={(text) => {
              typed.value = text;
            }}
          />
        )}
        {problem.value && <Problem problem={problem.value} />}
        <Commands commands={now?.commands ?? [words.command]} grace={now?.undo_seconds ?? null} />
        <div class="dialog-buttons">
          <button type="button" class="button" data-first onClick={closeQuestion}>
            {W.cancel}
          </button>
          <button type="submit" class={`button primary ${action === 'delete' || action === 'bounce' ? 'danger' : ''}`} disabled={!ready}>
            <Icon name={ACTION_ICON[action]} /> {words.button(now?.possible ?? asked.count)}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
