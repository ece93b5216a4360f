/* What can be pressed on an incident, and after a hold the next step. */
import type { Incident, Job } from '../api/types';
import { ACTION_ICON } from '../actions/icons';
import { secondsBetween, span } from '../lib/format';
import { now } from '../state/clock';
import { bringBack, canPress, deleteHeld, doneTo, heldCount, mayPress, type Press, press, releaseHeld } from '../state/incidentActions';
import { isOpen } from '../state/jobs';
import { hrefOf } from '../state/route';
import { mayAct } from '../state/session';
import { Icon } from '../ui/Icon';
import { W } from '../words';

const ICON: Record<Press, string> = {
  ...ACTION_ICON,
  retry_gently: 'send',
  flush: 'zap',
  lifetime: 'clock',
  pause: 'circle-pause',
  help: 'circle-question-mark',
};

/* What takes nothing from anybody comes first; the rest stands on the incident's own page. */
const FIRST: Press[] = ['hold', 'retry_gently', 'retry', 'release', 'pause', 'flush', 'lifetime'];
const DANGER: ReadonlySet<Press> = new Set(['delete', 'bounce']);

const nameOf = (what: Press, { kind, messages }: Incident): string =>
  what === 'help'
    ? W.incidents.why
    : what === 'pause'
      ? kind === 'flood'
        ? W.incidents.pauseNew
        : W.incidents.pause
      : what === 'retry_gently' || what === 'flush' || what === 'lifetime'
        ? W.incidents[what]
        : what === 'release' && kind !== 'held_forgotten' /* its messages wait, but for those that somebody has put on hold */
          ? W.incidents.releaseHeld
          : W.incidents[what](messages);

const titleOf = (what: Press): string | undefined => {
  if (what === 'help' || what === 'lifetime') return undefined;
  if (what === 'pause') return W.incidents.pauseTitle;
  if (what === 'flush') return `${W.flush.what} postqueue -f`;
  const action = what === 'retry_gently' ? 'retry' : what;
  return `${W.actions[action].what} ${W.actions[action].command}`;
};

export function PressButton({ incident, what }: { incident: Incident; what: Press }) {
  return (
    <button
      type="button"
      class={`button small ${DANGER.has(what) ? 'danger' : ''}`}
      title={titleOf(what)}
      onClick={() => press(incident, what)}
    >
      <Icon name={ICON[what]} /> {nameOf(what, incident)}
    </button>
  );
}

/** After a hold: delete exactly these, or let them go. */
function Held({ id, job }: { id: string; job: Job }) {
  return (
    <>
      <button
        type="button"
        class="button small danger"
        title={`${W.actions.delete.what} ${W.actions.delete.command}`}
        disabled={isOpen(job)}
        onClick={() => deleteHeld(id, job)}
      >
        <Icon name={ACTION_ICON.delete} /> {W.these.delete!(heldCount(job))}
      </button>
      <button
        type="button"
        class="button small"
        title={`${W.actions.release.what} ${W.actions.release.command}`}
        onClick={() => releaseHeld(id, job)}
      >
        <Icon name="undo-2" /> {W.incidents.releaseThese}
      </button>
    </>
  );
}

/** What a person who may act can press: of what is offered the first, unless something was done that can be gone on from. */
export function Pressable({ incident, most = 1 }: { incident: Incident; most?: number }) {
  if (!mayAct.value) return null;
  const { held, deleting } = doneTo(incident, now.value);
  if (deleting)
    return (
      <button type="button" class="button small" onClick={() => bringBack(incident.id, deleting)}>
        <Icon name="undo-2" /> {W.incidents.undoDelete(span(secondsBetween(now.value, deleting.undo_until!)))}
      </button>
    );
  const offered = FIRST.filter((what) => canPress(incident, what) && mayPress(what) && !(held && what === 'hold'));
  return (
    <>
      {held && <Held id={incident.id} job={held} />}
      {(held && most === 1 ? [] : offered.slice(0, most)).map((what) => (
        <PressButton key={what} incident={incident} what={what} />
      ))}
    </>
  );
}

export function Show({ incident }: { incident: Incident }) {
  if (incident.filter === null) return null;
  return (
    <a class="button small" href={hrefOf({ filter: incident.filter })} title={W.incidents.showTitle}>
      <Icon name="filter" /> {W.incidents.show}
    </a>
  );
}

export function IncidentButtons({ incident }: { incident: Incident }) {
  return (
    <>
      <Pressable incident={incident} />
      <Show incident={incident} />
      {incident.actions.includes('help') && (
        <a class="button small why" href={hrefOf({ page: 'incident', id: incident.id })} title={W.incidents.whyTitle}>
          <Icon name={ICON.help} /> {W.incidents.why}
        </a>
      )}
    </>
  );
}
