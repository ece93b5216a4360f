/* Who uses what of that which is there for all. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get, problemIn } from '../api/client';
import type { Problem as ProblemData, UsageOfPerson } from '../api/types';
import { count, size, span, took } from '../lib/format';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { Relative } from '../ui/Time';
import { W } from '../words';
import { accountPageWords as P } from '../words/accountPage';
import { accountsPageWords as A } from '../words/accountsPage';

const U = A.usage;
const MINUTE_MS = 60_000;

function useUsage() {
  const people = useSignal<UsageOfPerson[] | null>(null);
  const problem = useSignal<ProblemData | null>(null);
  const load = async () => {
    try {
      people.value = (await get<{ people: UsageOfPerson[] }>('/usage')).people;
      problem.value = null;
    } catch (error) {
      problem.value = problemIn(error);
    }
  };
  useEffect(() => {
    void load();
  }, []);
  return { people: people.value, problem: problem.value, load };
}

/** What somebody holds at this moment, in words. */
function nowOf(person: UsageOfPerson): string {
  const { streams_now: streams, requests_now: requests, open_jobs: jobs, views } = person;
  const parts = [
    streams > 0 && U.streams(streams),
    requests > streams && U.requestsNow(requests - streams),
    jobs > 0 && U.jobs(jobs),
    views > 0 && U.views(views),
  ].filter(Boolean);
  return parts.join(', ') || U.nothing;
}

function Row({ person }: { person: UsageOfPerson }) {
  const { name, via, worked_ms: worked, requests, refused, bytes, content_bytes: content, last } = person;
  return (
    <tr>
      <th scope="row">
        <Text text={name} /> <span class="muted small-text">{via !== 'session' && P.how[via]}</span>
      </th>
      <td data-name={U.worked}>{worked < MINUTE_MS ? took(worked) : span(worked / 1000)}</td>
      <td data-name={U.requests}>
        {count(requests)} {refused > 0 && <span class="few">{U.refused(refused)}</span>}
      </td>
      <td data-name={U.sent}>
        {size(bytes)} {content > 0 && <span class="muted small-text">{U.content(size(content))}</span>}
      </td>
      <td data-name={U.now}>{nowOf(person)}</td>
      <td data-name={U.last}>
        <Relative at={last} />
      </td>
    </tr>
  );
}

export function Usage() {
  const { people, problem, load } = useUsage();
  return (
    <section class="account-section" aria-label={A.tabs.usage}>
      <p class="muted small-text">{U.what}</p>
      {problem && <Problem problem={problem} onRetry={() => void load()} />}
      {!people && !problem && <p class="muted">{W.loading}</p>}
      {people && (
        <div class="table-wrap" tabIndex={0} role="region" aria-label={A.tabs.usage}>
          <table class="plain settings-table usage">
            <thead>
              <tr>
                {[U.who, U.worked, U.requests, U.sent, U.now, U.last].map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {people.map((person, index) => (
                <Row key={index} person={person} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
