/* The first of an incident's messages, the way to all of them, and what is known of their cause. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { aborted, get, problemIn } from '../api/client';
import type { Diagnosis, Incident, Message, MessageDetail, Problem as ProblemData, Recipient } from '../api/types';
import { count } from '../lib/format';
import { shortReason } from '../lib/text';
import { hrefOf } from '../state/route';
import { Icon } from '../ui/Icon';
import { Problem } from '../ui/Problem';
import { Sender, Text } from '../ui/Text';
import { Time } from '../ui/Time';
import { W } from '../words';
import { incidentPageWords as P } from '../words/incidentPage';

const FEW = 8;

export interface Matching {
  messages: Message[];
  matched: number;
  diagnosis: Diagnosis | null;
}

/** What matches the filter now; of the first of them with this diagnosis, what to do about it. */
export function useMatching(filter: string | null, diagnosis: string | null, again: unknown) {
  const found = useSignal<Matching | null>(null);
  const problem = useSignal<ProblemData | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    const load = async () => {
      const page = await get<{ messages: Message[]; matched: number }>('/messages', { filter: filter!, limit: FEW }, stop.signal);
      found.value = { ...page, diagnosis: found.value?.diagnosis ?? null };
      const one = page.messages.find((message) => message.diagnosis !== null && (diagnosis === null || message.diagnosis.id === diagnosis));
      if (!one || diagnosis === null || found.value.diagnosis) return;
      /* One that has left meanwhile only tells nothing. */
      const detail = await get<MessageDetail>(`/messages/${one.id}`, {}, stop.signal).catch(() => null);
      found.value = { ...page, diagnosis: detail?.diagnoses.find(({ id }) => id === diagnosis) ?? null };
    };
    if (filter !== null)
      load().catch((error: unknown) => {
        if (!aborted(error)) problem.value = problemIn(error);
      });
    return () => stop.abort();
  }, [filter, diagnosis, again]);
  return { found: found.value, problem: problem.value };
}

/** The recipient that makes a message one of these, not just its first: at the domain, or with the reply that is the evidence. */
function recipientOf({ recipients }: Message, { subject, evidence }: Incident): Recipient | undefined {
  const quotes = new Set(evidence.flatMap(({ quote }) => (quote === null ? [] : [shortReason(quote)])));
  return (
    recipients.find(({ address }) => subject.kind === 'recipient_domain' && address.toLowerCase().endsWith(`@${subject.key}`)) ??
    recipients.find(({ reason }) => reason !== null && quotes.has(shortReason(reason))) ??
    recipients[0]
  );
}

function Line({ message, incident }: { message: Message; incident: Incident }) {
  const recipient = recipientOf(message, incident);
  const more = message.recipient_count - 1;
  return (
    <tr>
      <td>
        <Time at={message.arrival} />
      </td>
      <td>
        <a href={hrefOf({ page: 'message', id: message.id })}>
          <Sender address={message.sender} />
        </a>
      </td>
      <td>
        {recipient && <Text text={recipient.address} />}
        {more > 0 && <span class="muted"> +{count(more)}</span>}
      </td>
      <td class="muted">{recipient?.reason && <Text text={shortReason(recipient.reason)} />}</td>
    </tr>
  );
}

interface MessagesProps {
  incident: Incident;
  filter: string;
  matching: { found: Matching | null; problem: ProblemData | null };
}

export function Messages({ incident, filter, matching }: MessagesProps) {
  const { found, problem } = matching;
  return (
    <section class="card" aria-labelledby="incident-messages">
      <h2 id="incident-messages">{P.matching}</h2>
      {problem && <Problem problem={problem} />}
      {!found && !problem && <p class="muted">{W.loading}</p>}
      {found && found.messages.length === 0 && <p class="muted">{P.noMessages}</p>}
      {found && found.messages.length > 0 && (
        <>
          <div class="table-wrap" tabIndex={0} role="region" aria-label={P.matching}>
            <table class="plain">
              <thead>
                <tr>
                  {[P.arrived, P.sender, P.recipient, P.reason].map((name) => (
                    <th key={name} scope="col">
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {found.messages.map((message) => (
                  <Line key={message.id} message={message} incident={incident} />
                ))}
              </tbody>
            </table>
          </div>
          <a class="button small" href={hrefOf({ filter })}>
            <Icon name="filter" /> {P.showAll(found.matched)}
          </a>
        </>
      )}
    </section>
  );
}
