/* A page for one message: what is known of it, and (for those who may read mail) what is in it. */
import { MessageActions } from '../actions/MessageActions';
import { actionProblem } from '../state/actions';
import { decodeWords } from '../lib/encoded';
import { hrefOf, levelUp, linkTo, route } from '../state/route';
import { mayAudit, mayRead } from '../state/session';
import { Icon } from '../ui/Icon';
import { CopyButton, Problem } from '../ui/Problem';
import { State } from '../ui/State';
import { Text } from '../ui/Text';
import { W } from '../words';
import { messagePageWords as M } from '../words/messagePage';
import { ContentView } from './Content';
import { Detail } from './Detail';
import { Left, TracedSince } from './Left';
import { useMessage } from './useMessage';

export function MessagePage() {
  const { id } = route.value;
  const { message, problem } = useMessage(id);
  const now = message.value;
  const left = problem.value?.code === 'message_not_found';
  if (left && !now) return <Left key={id} id={id} />;
  return (
    <article class="message-page">
      <header class="page-head">
        <button type="button" class="button small quiet" onClick={levelUp}>
          <Icon name="arrow-left" /> {W.back}
        </button>
        <h1>{now?.subject ? <Text text={decodeWords(now.subject)} /> : <code>{id}</code>}</h1>
        <p class="page-sub">
          <code class="id">{id}</code> {now && !left && <State message={now} />} {left && <span class="state gone">{M.detail.left}</span>}
          <CopyButton text={linkTo({ page: 'message', id })} label={W.copyLink} />
          {mayAudit.value && (
            <a class="button small quiet" href={hrefOf({ page: 'audit', message: id })}>
              <Icon name="history" /> {W.trail}
            </a>
          )}
        </p>
        {now && !left && <MessageActions message={now} />}
      </header>
      {actionProblem.value && (
        <Problem
          problem={actionProblem.value.problem}
          onClose={() => {
            actionProblem.value = null;
          }}
        />
      )}
      {problem.value && !left && <Problem problem={problem.value} />}
      {!now && !problem.value && <p class="muted">{W.loading}</p>}
      {left && <TracedSince id={id} />}
      {now && <h2 class="visually-hidden">{W.detailsOf(id)}</h2>}
      {now && <Detail message={now} />}
      {now &&
        (mayRead.value ? (
          <ContentView id={id} />
        ) : (
          <section class="card">
            <h2>{M.content.title}</h2>
            <p class="muted">
              <Icon name="lock" /> {M.content.mayNot}
            </p>
          </section>
        ))}
    </article>
  );
}
