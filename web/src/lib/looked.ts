/* What happened since somebody looked, in sentences: causes that are new, have grown or cleared; jobs; settings; restarts. */
import type { Incident, Job, SettingsChange } from '../api/types';

export interface Happened {
  fresh: Incident[];
  grown: { incident: Incident; by: number }[];
  cleared: Incident[];
  /** Began and ended meanwhile. */
  passed: Incident[];
  jobs: Job[];
  settings: SettingsChange[];
  /** When Postfix was started, if it was meanwhile. */
  started: string | null;
}

const HOUR_MS = 3_600_000;

/** How much an incident has grown since then, by its small chart; null where that is not known, or it has not. */
export function grownBy({ points, messages }: Pick<Incident, 'points' | 'messages'>, since: number, now: number): number | null {
  const hours = Math.round((now - since) / HOUR_MS);
  const then = hours < points.length ? points[points.length - 1 - hours] : null;
  if (then === null || then === undefined || messages === null) return null;
  return messages > then ? messages - then : null;
}

export function happened(
  since: number,
  now: number,
  known: { incidents: Incident[]; jobs: readonly Job[]; settings: SettingsChange[]; postfixSince: string | null },
): Happened {
  const later = (time: string | null): boolean => time !== null && Date.parse(time) > since;
  const seen = known.incidents.filter(({ caused_by: cause }) => cause === null);
  const began = seen.filter((incident) => later(incident.noticed));
  const before = seen.filter((incident) => !later(incident.noticed));
  return {
    fresh: began.filter(({ state }) => state !== 'ended'),
    passed: began.filter(({ state }) => state === 'ended'),
    cleared: before.filter(({ state, until }) => state === 'ended' && later(until)),
    grown: before
      .filter(({ state }) => state === 'open')
      .map((incident) => ({ incident, by: grownBy(incident, since, now) }))
      .filter((each): each is { incident: Incident; by: number } => each.by !== null),
    jobs: known.jobs.filter(({ created }) => later(created)),
    settings: known.settings.filter(({ created }) => later(created)),
    started: later(known.postfixSince) ? known.postfixSince : null,
  };
}
