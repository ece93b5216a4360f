/* What a pause would do, in numbers, before its button; with what else can be done at once. */
import type { PausePreview } from '../api/types';
import { when } from '../lib/format';
import { now } from '../state/clock';
import { Icon } from '../ui/Icon';
import { Text } from '../ui/Text';
import { pauseDialogWords as D } from '../words/pauses';

interface Props {
  preview: PausePreview;
  holdToo: boolean;
  onHoldToo: (wanted: boolean) => void;
}

export const holds = ({ pause }: PausePreview): boolean => pause.kind === 'sender' || pause.kind === 'login';

/** What may be put on hold with it: what would expire meanwhile; of a sender or login what is queued already. */
export const holdable = (preview: PausePreview): number => (holds(preview) ? preview.waiting : (preview.would_expire ?? 0));

export function PauseSummary({ preview, holdToo, onHoldToo }: Props) {
  const { waiting, would_expire: expire, in_delivery: active, own_entries: own, domains, warnings } = preview;
  const said = new Set(['would_expire', 'in_delivery', 'own_entries']);
  const more = holdable(preview);
  return (
    <div class="pause-preview" role="status">
      <p>
        <Text text={preview.text.replace(preview.pause.until, when(preview.pause.until, now.value))} />
      </p>
      <ul>
        <li>
          <strong>{holds(preview) ? D.untouched(waiting) : D.waits(waiting)}</strong>
        </li>
        {active > 0 && !holds(preview) && <li>{D.goesOn(active)}</li>}
        {(expire ?? 0) > 0 && (
          <li class="warn">
            <Icon name="triangle-alert" /> {D.expires(expire!)}
          </li>
        )}
        {warnings
          .filter(({ code }) => !said.has(code))
          .map(({ code, text }) => (
            <li key={code}>{text}</li>
          ))}
        {own.length > 0 && (
          <li class="warn">
            <Icon name="triangle-alert" /> {D.ownEntries}:{' '}
            {own.map(({ address, answer }) => (
              <span key={address}>
                <Text text={address} /> (<code>{answer}</code>){' '}
              </span>
            ))}
          </li>
        )}
        {domains.length > 0 && (
          <li class="muted">
            <Text text={domains.slice(0, 8).join(', ') + (domains.length > 8 ? ' …' : '')} />
          </li>
        )}
      </ul>
      {more > 0 && (
        <label class="tick">
          <input type="checkbox" checked={holdToo} onChange={(event) => onHoldToo(event.currentTarget.checked)} />
          <span>{(holds(preview) ? D.holdQueued : D.holdExpiring)(more)}</span>
        </label>
      )}
      <p class="command muted">
        {preview.commands.map((command) => (
          <code key={command}>{command}</code>
        ))}
      </p>
    </div>
  );
}
