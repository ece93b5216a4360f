/* An incident that is put aside asks for nobody until a time; it is kept and followed meanwhile. */
import { useSignal } from '@preact/signals';
import { post, problemIn } from '../api/client';
import type { Incident, Problem as ProblemData } from '../api/types';
import { when } from '../lib/format';
import { now } from '../state/clock';
import { isSnoozed, keepIncident } from '../state/incidents';
import { Icon } from '../ui/Icon';
import { Menu } from '../ui/Menu';
import { Problem } from '../ui/Problem';
import { W } from '../words';
import { incidentPageWords as P } from '../words/incidentPage';

const HOUR_MS = 3_600_000;
const HOURS = [1, 4, 12, 24, 168];

export function Snooze({ incident, onDone }: { incident: Incident; onDone: () => void }) {
  const problem = useSignal<ProblemData | null>(null);
  const until = async (time: number | null) => {
    problem.value = null;
    try {
      const body = { until: time === null ? null : new Date(time).toISOString() };
      keepIncident(await post<Incident>(`/incidents/${incident.id}/snooze`, body));
      onDone();
    } catch (error) {
      problem.value = problemIn(error);
    }
  };
  return (
    <>
      {isSnoozed(incident, now.value) ? (
        <button type="button" class="button small" onClick={() => void until(null)}>
          <Icon name="play" /> {P.wake}
        </button>
      ) : (
        <Menu
          class="button small"
          align="start"
          label={
            <>
              <Icon name="clock" /> {P.snooze}
            </>
          }
        >
          {HOURS.map((hours) => (
            <button key={hours} type="button" onClick={() => void until(Date.now() + hours * HOUR_MS)}>
              {P.snoozeFor[hours]} <span class="muted">{when(new Date(now.value + hours * HOUR_MS).toISOString(), now.value)}</span>
            </button>
          ))}
        </Menu>
      )}
      {problem.value && <Problem problem={problem.value} />}
    </>
  );
}

export function SnoozedBy({ incident }: { incident: Incident }) {
  if (!isSnoozed(incident, now.value)) return null;
  return (
    <p class="notice info">
      <Icon name="clock" /> {P.snoozed(when(incident.snoozed_until!, now.value), incident.snoozed_by ?? W.none)}
    </p>
  );
}
