/* What happened to an incident: when it began and ended, what was done, what was written. */
import { pageAt } from '../api/place';
import type { IncidentDetail } from '../api/types';
import { Icon } from '../ui/Icon';
import { Text } from '../ui/Text';
import { Time } from '../ui/Time';
import { incidentPageWords as P } from '../words/incidentPage';

type Moment = IncidentDetail['timeline'][number];

const ICON: Record<Moment['kind'], string> = {
  opened: 'circle-alert',
  quiet: 'circle-dot',
  reopened: 'circle-alert',
  ended: 'circle-check',
  severity: 'triangle-alert',
  note: 'file',
  snoozed: 'clock',
  job: 'list-checks',
  settings: 'settings',
  pause: 'circle-pause',
};

function Line({ moment: { at, kind, text, link } }: { moment: Moment }) {
  return (
    <li class={`moment-${kind}`}>
      <span class="timeline-time">
        <Time at={at} />
      </span>
      <span>
        <Icon name={ICON[kind]} /> <strong>{P.moment[kind]}</strong>{' '}
        {link ? (
          <a href={pageAt(link)}>
            <Text text={text} />
          </a>
        ) : (
          <Text text={text} />
        )}
      </span>
    </li>
  );
}

/** Newest first: what has just been done is what one looks for. */
export function Timeline({ moments }: { moments: Moment[] }) {
  return (
    <section class="card" aria-labelledby="incident-timeline">
      <h2 id="incident-timeline">{P.timeline}</h2>
      {moments.length === 0 && <p class="muted">{P.nothingYet}</p>}
      <ol class="timeline">
        {[...moments].reverse().map((moment) => (
          <Line key={`${moment.at}${moment.kind}${moment.text}`} moment={moment} />
        ))}
      </ol>
    </section>
  );
}
