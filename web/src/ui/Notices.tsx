/* What the service itself says is wrong, with the fix: at the top of every page, until it is right again. */
import { useRef } from 'preact/hooks';
import type { Incident, Warning } from '../api/types';
import { now } from '../state/clock';
import { underHand } from '../state/hand';
import { incidents } from '../state/incidents';
import { summary } from '../state/live';
import { hrefOf, page } from '../state/route';
import { W } from '../words';
import { Icon } from './Icon';
import { Menu } from './Menu';
import { Phrase } from './Phrase';
import { CopyButton } from './Problem';
import { Text } from './Text';
import { Relative } from './Time';

const ICON = { info: 'info', warning: 'triangle-alert', error: 'circle-alert' } as const;

/** A fix is one command; or words, with what is to be typed in backticks. */
function Fix({ text }: { text: string }) {
  const parts = text.split('`');
  const command = parts.length > 2 ? parts[1]! : text;
  return (
    <p class="fix">
      {W.fix}{' '}
      {parts.length > 2 ? (
        parts.map((part, at) =>
          at % 2 === 1 ? (
            <code key={at}>
              <Text text={part} />
            </code>
          ) : (
            <Text key={at} text={part} />
          ),
        )
      ) : (
        <code>
          <Text text={text} />
        </code>
      )}{' '}
      <CopyButton text={command} />
    </p>
  );
}

/* Where more is told about it. */
const LEADS: Record<string, () => { href: string; name: string }> = {
  alert_channel_failing: () => ({ href: hrefOf({ page: 'alerts', tab: 'channels' }), name: W.toAlerts }),
};

export function WarningNotice({ warning }: { warning: Warning }) {
  const lead = LEADS[warning.code]?.();
  return (
    <div class={`notice ${warning.severity}`}>
      <Icon name={ICON[warning.severity]} />
      <div class="notice-text">
        <p>
          <strong>{W.severity[warning.severity]}</strong> <Text text={warning.text} />
          {warning.since && (
            <span class="muted">
              {' '}
              <Phrase text={W.since} parts={{ ago: <Relative at={warning.since} /> }} />
            </span>
          )}
        </p>
        {warning.fix && <Fix text={warning.fix} />}
        {lead && (
          <p>
            <a href={lead.href}>{lead.name}</a>
          </p>
        )}
      </div>
    </div>
  );
}

/* Of these the incident has no code of a notice: it is told by the room that is left. */
const OF_KIND: Partial<Record<Incident['kind'], string[]>> = { spool_full: ['spool_low', 'spool_full', 'spool_inodes'] };

/** Whether the first screen says it as an incident, with the same words and fix. */
const isIncident = ({ code }: Warning): boolean =>
  page.value === 'queue' &&
  (incidents.value?.incidents ?? []).some(
    ({ state, kind, subject }) => state === 'open' && (subject.key === code || OF_KIND[kind]?.includes(code)),
  );

/** A notice moves all that is below it: one that comes or goes waits while a hand is on the page. */
export function Notices() {
  const wanted = (summary.value?.warnings ?? []).filter((warning) => warning.severity !== 'info' && !isIncident(warning));
  const shown = useRef(wanted);
  void now.value; /* looked at again each second, until the hand rests */
  if (!underHand(document.querySelector('main'))) shown.current = wanted;
  const warnings = shown.current;
  if (warnings.length === 0) return null;
  return (
    <div class="notices" role="region" aria-label={W.notices}>
      {warnings.map((warning) => (
        <WarningNotice key={warning.code + warning.text} warning={warning} />
      ))}
    </div>
  );
}

/** What is good to know but asks for nothing now: behind a button in the head. */
export function Notes() {
  const notes = (summary.value?.warnings ?? []).filter((warning) => warning.severity === 'info');
  if (notes.length === 0) return null;
  return (
    <Menu
      name={W.notes(notes.length)}
      class="button quiet"
      label={
        <>
          <Icon name="info" /> {notes.length}
        </>
      }
    >
      <div class="notes">
        {notes.map((note) => (
          <WarningNotice key={note.code} warning={note} />
        ))}
      </div>
    </Menu>
  );
}
