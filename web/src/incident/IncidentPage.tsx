/* An incident's own page: how bad, since when, on what evidence, what explains it, what can be done and what was. */
import type { ComponentChildren } from 'preact';
import type { Diagnosis, IncidentDetail } from '../api/types';
import { Pressable, PressButton } from '../first/IncidentButtons';
import { SEVERITY_ICON } from '../first/IncidentRow';
import { Sparkline } from '../first/Sparkline';
import { count } from '../lib/format';
import { canPress, pressProblem } from '../state/incidentActions';
import { hrefOf, levelUp, route } from '../state/route';
import { mayAct } from '../state/session';
import { Icon } from '../ui/Icon';
import { Phrase } from '../ui/Phrase';
import { CopyButton, Problem } from '../ui/Problem';
import { RunbookLink } from '../ui/RunbookLink';
import { Text } from '../ui/Text';
import { Time } from '../ui/Time';
import { W } from '../words';
import { incidentPageWords as P } from '../words/incidentPage';
import { Alerted } from './Alerted';
import { Held } from './Held';
import { Messages, useMatching } from './Messages';
import { Notes } from './Notes';
import { Silence } from './Silence';
import { Snooze, SnoozedBy } from './Snooze';
import { Tests } from './Tests';
import { Timeline } from './Timeline';
import { useIncident } from './useIncident';

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Facts({ incident }: { incident: IncidentDetail }) {
  return (
    <section class={`card incident incident-facts ${incident.severity}`} aria-label={P.figures}>
      <dl class="facts">
        <Fact name={P.since}>
          <Time at={incident.since} />{' '}
          <span class="muted">
            <Phrase text={P.noticed} parts={{ time: <Time at={incident.noticed} /> }} />
          </span>
        </Fact>
        {incident.until && (
          <Fact name={P.until}>
            <Time at={incident.until} />
          </Fact>
        )}
        {incident.messages !== null && <Fact name={P.messages}>{count(incident.messages)}</Fact>}
        {incident.growth !== null && <Fact name={P.growth}>{W.incidents.growth(incident.growth)}</Fact>}
        {incident.baseline && <Fact name={P.baseline}>{incident.baseline}</Fact>}
      </dl>
      <Sparkline points={incident.points} />
    </section>
  );
}

function Evidence({ incident }: { incident: IncidentDetail }) {
  return (
    <section class="card" aria-labelledby="incident-evidence">
      <h2 id="incident-evidence">{P.evidence}</h2>
      {incident.evidence.length === 0 && <p class="muted">{P.noEvidence}</p>}
      <ul class="evidence">
        {incident.evidence.map(({ text, quote }) => (
          <li key={text}>
            <Text text={text} />
            {quote !== null && (
              <blockquote>
                <code>
                  <Text text={quote} />
                </code>{' '}
                <CopyButton text={quote} />
              </blockquote>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Related({ name, list }: { name: string; list: IncidentDetail[] }) {
  if (list.length === 0) return null;
  return (
    <section class="card related" aria-label={name}>
      <h2>{name}</h2>
      <ul>
        {list.map((each) => (
          <li key={each.id} class={`incident ${each.severity}`}>
            <Icon name={SEVERITY_ICON[each.severity]} /> <strong>{W.incidents.kind[each.kind]}</strong>{' '}
            <a href={hrefOf({ page: 'incident', id: each.id })}>
              <Text text={each.title} />
            </a>{' '}
            <span class="muted">{P.symptom(each.messages)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Meaning({ incident, diagnosis }: { incident: IncidentDetail; diagnosis: Diagnosis | null }) {
  return (
    <section class="card" aria-labelledby="incident-meaning">
      <h2 id="incident-meaning">{P.whatItMeans}</h2>
      <p>
        <Text text={incident.text} />
      </p>
      {diagnosis && <p>{diagnosis.cause}</p>}
      {diagnosis && !incident.text.includes(diagnosis.advice) && (
        <p>
          <strong>{P.whatToDo}</strong> {diagnosis.advice}
        </p>
      )}
    </section>
  );
}

function Actions({ incident, onDone }: { incident: IncidentDetail; onDone: () => void }) {
  const wrong = pressProblem.value?.id === incident.id ? pressProblem.value.problem : null;
  const harsh = (['bounce', 'delete'] as const).filter((what) => canPress(incident, what));
  return (
    <div class="actions" role="toolbar" aria-label={P.actions}>
      {incident.state !== 'ended' && <Pressable incident={incident} most={9} />}
      {incident.state !== 'ended' && mayAct.value && harsh.map((what) => <PressButton key={what} incident={incident} what={what} />)}
      {mayAct.value && incident.state !== 'ended' && <Snooze incident={incident} onDone={onDone} />}
      {mayAct.value && incident.state !== 'ended' && <Silence incident={incident} />}
      <RunbookLink name={incident.runbook} />
      <CopyButton text={location.href} label={W.copyLink} />
      {wrong && <Problem problem={wrong} />}
    </div>
  );
}

function Shown({ incident, related, onDone }: { incident: IncidentDetail; related: IncidentDetail[]; onDone: () => void }) {
  const matching = useMatching(incident.filter, incident.diagnosis, incident.messages);
  const causes = related.filter(({ id }) => id === incident.caused_by);
  return (
    <>
      <SnoozedBy incident={incident} />
      <Actions incident={incident} onDone={onDone} />
      <Held incident={incident} />
      <div class="incident-columns">
        <div>
          <Related name={P.cause} list={causes} />
          <Meaning incident={incident} diagnosis={matching.found?.diagnosis ?? null} />
          <Evidence incident={incident} />
          <Tests incident={incident} />
          <Related name={P.symptoms} list={related.filter((each) => !causes.includes(each))} />
          {incident.filter !== null && <Messages incident={incident} filter={incident.filter} matching={matching} />}
        </div>
        <div>
          <Facts incident={incident} />
          <Timeline moments={incident.timeline} />
          <Alerted incident={incident} />
          <Notes incident={incident} onDone={onDone} />
        </div>
      </div>
    </>
  );
}

export function IncidentPage() {
  const { incident, related, problem, reload } = useIncident(route.value.id);
  const found = incident.value;
  return (
    <article class="incident-page">
      <header class="page-head">
        <button type="button" class="button small quiet" onClick={levelUp}>
          <Icon name="arrow-left" /> {W.back}
        </button>
        <h1>{found ? <Text text={found.title} /> : W.title.incident}</h1>
        {found && (
          <p class={`page-sub incident ${found.severity}`}>
            <span>
              <Icon name={SEVERITY_ICON[found.severity]} /> <strong>{W.incidents.kind[found.kind]}</strong>,{' '}
              {found.state === 'open' ? W.incidents.severity[found.severity] : W.incidents[found.state]}
            </span>
          </p>
        )}
      </header>
      {problem.value &&
        (problem.value.code === 'incident_not_found' ? <p>{P.gone}</p> : <Problem problem={problem.value} onRetry={reload} />)}
      {!found && !problem.value && <p class="muted">{W.loading}</p>}
      {found && <Shown incident={found} related={related.value} onDone={reload} />}
    </article>
  );
}
