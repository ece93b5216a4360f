/* One incident: how bad, what, who or where, since when, how it grew; what it means below, what can be pressed beside it. */
import type { Incident } from '../api/types';
import { count, exact, sinceWhen, when } from '../lib/format';
import { now } from '../state/clock';
import { canPress, pausesOf, press, pressProblem } from '../state/incidentActions';
import { isSnoozed } from '../state/incidents';
import { hrefOf } from '../state/route';
import { mayPause } from '../state/session';
import { Icon } from '../ui/Icon';
import { Phrase } from '../ui/Phrase';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { plain, shortReason } from '../lib/text';
import { W } from '../words';
import { IncidentButtons } from './IncidentButtons';
import { Sparkline } from './Sparkline';
import { titleOfIncident } from './symptoms';

export const SEVERITY_ICON = { act: 'circle-alert', watch: 'triangle-alert', note: 'info' } as const;

/** When it began. */
export function Since({ at }: { at: string }) {
  return (
    <time dateTime={at} title={exact(at)}>
      {sinceWhen(at, now.value)}
    </time>
  );
}

/** A word beside the title where it is not simply open. */
function Standing({ incident }: { incident: Incident }) {
  if (incident.state === 'ended') return <span class="standing">{W.incidents.ended}</span>;
  if (isSnoozed(incident, now.value))
    return <span class="standing">{W.incidents.snoozedUntil(when(incident.snoozed_until!, now.value))}</span>;
  return incident.state === 'quiet' ? <span class="standing">{W.incidents.quiet}</span> : null;
}

/** The cause names what it explains, which the list leaves out. */
function Related({ incident }: { incident: Incident }) {
  return (
    <>
      {incident.caused_by !== null && <a href={hrefOf({ page: 'incident', id: incident.caused_by })}>{W.incidents.causedBy}</a>}
      {incident.cause_of.length > 0 && (
        <span class="explains">
          <Phrase
            text={incident.cause_of.length > 3 ? W.incidents.explainsMore(incident.cause_of.length - 3) : W.incidents.explains}
            parts={{
              incidents: incident.cause_of.slice(0, 3).map((id, at) => (
                <>
                  {at > 0 && ', '}
                  <a key={id} href={hrefOf({ page: 'incident', id })}>
                    <Text text={titleOfIncident(id)} />
                  </a>
                </>
              )),
            }}
          />
        </span>
      )}
    </>
  );
}

/** What is known comes before what it means: the line of evidence with another's own words, else the first. */
const factOf = ({ evidence }: Incident): Incident['evidence'][number] | undefined =>
  evidence.find(({ quote }) => quote !== null) ?? evidence[0];

const sentence = (text: string): string => (/[.:!?]$/.test(text) ? text : `${text}.`);

/** What is queued can be held beside the title; what arrives goes on to arrive until this. */
function HoldNew({ incident }: { incident: Incident }) {
  const offered = incident.kind === 'flood' && incident.state !== 'ended' && canPress(incident, 'pause');
  if (!offered || !mayPause.value || pausesOf(incident).length > 0) return null;
  return (
    <button type="button" class="link i-new" title={W.incidents.pauseTitle} onClick={() => press(incident, 'pause')}>
      {W.incidents.pauseNew}
    </button>
  );
}

export function IncidentRow({ incident }: { incident: Incident }) {
  const { severity, kind, title, text } = incident;
  const fact = factOf(incident);
  const wrong = pressProblem.value?.id === incident.id ? pressProblem.value.problem : null;
  return (
    <div role="row" class={`incident ${severity} ${incident.state}`}>
      <div role="gridcell" class="i-kind">
        <Icon name={SEVERITY_ICON[severity]} />
        <span class="visually-hidden">{W.incidents.severity[severity]}: </span>
        <strong>{W.incidents.kind[kind]}</strong>
      </div>
      <div role="gridcell" class="i-title">
        <a href={hrefOf({ page: 'incident', id: incident.id })} title={plain(title)}>
          <Text text={title} />
        </a>
        <Standing incident={incident} />
      </div>
      <div role="gridcell" class="i-since">
        <Since at={incident.since} />
      </div>
      <div role="gridcell" class="i-chart">
        <Sparkline points={incident.points} />
      </div>
      <div role="gridcell" class="i-messages">
        {incident.messages === null ? W.none : count(incident.messages)} <span class="i-unit">{W.incidents.heads.messages}</span>
      </div>
      <div role="gridcell" class="i-growth" title={W.incidents.growthTitle(incident.growth !== null)}>
        {incident.growth === null ? W.none : W.incidents.growth(incident.growth)} <span class="i-unit">{W.incidents.heads.growth}</span>
      </div>
      <div role="gridcell" class="i-actions">
        <IncidentButtons incident={incident} />
      </div>
      <div role="gridcell" class="i-text" title={plain([fact && sentence(fact.text), fact?.quote, text].filter(Boolean).join(' '))}>
        <span class="i-words">
          {fact && (
            <span class="fact">
              <Text text={sentence(fact.text)} />{' '}
              {fact.quote !== null && (
                <q>
                  <Text text={shortReason(fact.quote)} />
                </q>
              )}
            </span>
          )}{' '}
          <Related incident={incident} /> <Text text={text} />
        </span>
        <HoldNew incident={incident} />
      </div>
      {wrong && (
        <div role="gridcell" class="i-problem">
          <Problem
            problem={wrong}
            onClose={() => {
              pressProblem.value = null;
            }}
          />
        </div>
      )}
    </div>
  );
}
