/* Where an account is signed in. What nobody knows is signed out from here, and is out at once. */
import type { Session } from '../api/types';
import { agentText } from '../lib/agent';
import { hrefOf } from '../state/route';
import { Icon } from '../ui/Icon';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { Relative, Time } from '../ui/Time';
import { W } from '../words';
import { accountPageWords as A } from '../words/accountPage';
import { useSessions, type Whose } from './useSessions';

const S = A.sessions;

const browserOf = ({ agent }: Session): string => (agent === '' ? S.unknown : agentText(agent));
/* It is told with the port, which says nothing to anybody. */
const addressOf = (from: string): string => from.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');

function Row({ session, all, onEnd }: { session: Session; all: boolean; onEnd: () => void }) {
  const { name, user, agent } = session;
  const from = addressOf(session.used_from || session.from);
  return (
    <tr>
      {all && (
        <th scope="row">
          {user === null ? (
            <Text text={name} />
          ) : (
            <a href={hrefOf({ page: 'accounts', id: user })}>
              <Text text={user} />
            </a>
          )}
        </th>
      )}
      <td data-name={S.browser} title={agent || undefined}>
        <Text text={browserOf(session)} /> {session.this && <strong class="badge">{S.this}</strong>}
      </td>
      <td data-name={S.where}>
        <Text text={from} />
      </td>
      <td data-name={S.began}>
        <Time at={session.created} /> <span class="muted small-text">{session.how !== 'unknown' && A.how[session.how]}</span>
      </td>
      <td data-name={S.used}>
        <Relative at={session.used} />
      </td>
      <td data-name={S.ends}>
        <Relative at={session.expires} />
      </td>
      <td class="end">
        {!session.this && (
          <button type="button" class="button small" aria-label={S.endOf(browserOf(session), from)} onClick={onEnd}>
            <Icon name="log-out" /> {S.end}
          </button>
        )}
      </td>
    </tr>
  );
}

function Table({ sessions, all, onEnd }: { sessions: Session[]; all: boolean; onEnd: (session: Session) => void }) {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label={S.title}>
      <table class="plain settings-table sessions">
        <thead>
          <tr>
            {[...(all ? [S.who] : []), S.browser, S.where, S.began, S.used, S.ends].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            <td />
          </tr>
        </thead>
        <tbody>
          {sessions.map((session) => (
            <Row key={session.id} session={session} all={all} onEnd={() => onEnd(session)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** `byPassword`: of oneself, whether it is a password of Postroom that protects them. */
export function Sessions({ whose, byPassword = true }: { whose: Whose; byPassword?: boolean }) {
  const { sessions, problem, load, end, endAll } = useSessions(whose);
  const found = sessions.value;
  const others = found?.filter((session) => !session.this).length ?? 0;
  return (
    <section class="account-section" aria-labelledby="sessions">
      <header class="section-head">
        <h2 id="sessions">{S.title}</h2>
        {whose !== 'all' && others > 0 && (
          <button type="button" class="button small" onClick={() => void endAll()}>
            <Icon name="log-out" /> {whose === 'mine' ? S.endAll : S.endAllOf}
          </button>
        )}
      </header>
      {problem.value && <Problem problem={problem.value} onRetry={() => void load()} />}
      {!found && !problem.value && <p class="muted">{W.loading}</p>}
      {found?.length === 0 && <p class="muted">{S.none}</p>}
      {found && found.length > 0 && <Table sessions={found} all={whose === 'all'} onEnd={(session) => void end(session)} />}
      {whose === 'mine' && others > 0 && <p class="muted small-text">{byPassword ? S.rule : S.ruleElsewhere}</p>}
    </section>
  );
}
