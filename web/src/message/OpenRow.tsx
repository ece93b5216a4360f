/* What an open row shows: its actions, ways to the message, and what is known of it. */
import { MessageActions } from '../actions/MessageActions';
import { hrefOf, linkTo } from '../state/route';
import { Icon } from '../ui/Icon';
import { CopyButton, Problem } from '../ui/Problem';
import { W } from '../words';
import { messagePageWords as M } from '../words/messagePage';
import { Detail } from './Detail';
import { useMessage } from './useMessage';

const FEW = 12; /* recipients before "show more": a row in a table stays a row */

export function OpenRow({ id }: { id: string }) {
  const { message, problem } = useMessage(id);
  return (
    <>
      {problem.value &&
        (problem.value.code === 'message_not_found' ? <p class="muted">{M.detail.left}</p> : <Problem problem={problem.value} />)}
      {!message.value && !problem.value && <p class="muted">{W.loading}</p>}
      {message.value && (
        <>
          <div class="expansion-head">
            <MessageActions message={message.value} />
            <div class="expansion-side">
              <a class="id" href={hrefOf({ page: 'message', id })}>
                {id}
              </a>
              <CopyButton text={linkTo({ page: 'message', id })} label={W.copyLink} />
              <a class="button small" href={hrefOf({ page: 'message', id })}>
                <Icon name="mail-open" /> {W.openPage}
              </a>
            </div>
          </div>
          <Detail message={message.value} recipients={FEW} />
        </>
      )}
    </>
  );
}
