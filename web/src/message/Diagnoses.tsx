/* What to do about each kind of refusal and what is its likely cause, with a way to all messages that share it. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get } from '../api/client';
import type { Diagnosis, Groups } from '../api/types';
import { count } from '../lib/format';
import { term } from '../lib/filter';
import { hrefOf } from '../state/route';
import { Icon } from '../ui/Icon';
import { RunbookLink } from '../ui/RunbookLink';
import { W } from '../words';
import { messagePageWords as M } from '../words/messagePage';

/** How many messages share a diagnosis. */
function useSharing(id: string) {
  const messages = useSignal<number | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    get<Groups>('/groups', { by: 'queue', filter: term('cause', id) }, stop.signal).then(
      (groups) => {
        messages.value = groups.groups.reduce((sum, group) => sum + group.messages, 0);
      },
      () => {},
    );
    return () => stop.abort();
  }, [id]);
  return messages;
}

function DiagnosisCard({ diagnosis, of }: { diagnosis: Diagnosis; of: number }) {
  const sharing = useSharing(diagnosis.id);
  return (
    <article class="card diagnosis-card">
      <h3>
        <Icon name="info" /> {diagnosis.title}{' '}
        <span class={`severity ${diagnosis.severity}`}>
          {M.detail.severity[diagnosis.severity]}. {M.detail.where[diagnosis.where]}.
        </span>
        {of > 1 && <span class="muted"> {M.detail.forRecipients(diagnosis.recipients)}</span>}
      </h3>
      <p>
        <strong>{W.whatToDo}</strong> {diagnosis.advice}
      </p>
      <p class="muted">{diagnosis.cause}</p>
      <div class="actions">
        {sharing.value !== null && sharing.value > 1 && (
          <a class="button small" href={hrefOf({ filter: term('cause', diagnosis.id) })}>
            <Icon name="filter" /> {M.detail.allWithThis(count(sharing.value))}
          </a>
        )}
        <RunbookLink name={diagnosis.runbook} />
      </div>
    </article>
  );
}

export function Diagnoses({ diagnoses, recipients }: { diagnoses: Diagnosis[]; recipients: number }) {
  if (diagnoses.length === 0) return null;
  return (
    <div class="detail-first">
      {diagnoses.map((diagnosis) => (
        <DiagnosisCard key={diagnosis.id} diagnosis={diagnosis} of={recipients} />
      ))}
    </div>
  );
}
