/* Tokens: what acts in somebody's name without a browser. */
import { useSignal } from '@preact/signals';
import { May, Sees } from '../accounts/May';
import type { Token } from '../api/types';
import { span } from '../lib/format';
import { now } from '../state/clock';
import { hrefOf } from '../state/route';
import { Icon } from '../ui/Icon';
import { Phrase } from '../ui/Phrase';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { Relative, Time } from '../ui/Time';
import { W } from '../words';
import { accountPageWords as A } from '../words/accountPage';
import { EndToken } from './EndToken';
import { NewTokenForm } from './NewTokenForm';
import { useTokens } from './useTokens';
import type { Whose } from './useSessions';

const T = A.tokens;

function Row({ token, owners, onEnd }: { token: Token; owners: boolean; onEnd: () => void }) {
  const { name, owner, person, scope, created, used, used_from: from } = token;
  /* Of somebody without an account it ends with his staying away, where that is earlier. */
  const until = person?.until ?? null;
  const away = until !== null && (token.expires === null || until < token.expires);
  const expires = away ? until : token.expires;
  const over = expires !== null && Date.parse(expires) <= now.value;
  return (
    <tr class={over ? 'over' : ''}>
      <th scope="row">
        <Text text={name} />
      </th>
      {owners && (
        <td data-name={T.owner}>
          {person !== null ? (
            <>
              <Text text={person.name} /> <span class="muted small-text">{T.bySignOn}</span>
            </>
          ) : owner === null ? (
            <span class="muted">{T.ofRoot}</span>
          ) : (
            <a href={hrefOf({ page: 'accounts', id: owner })}>
              <Text text={owner} />
            </a>
          )}
        </td>
      )}
      <td data-name={T.may}>
        <May user={token} />
        {scope !== null && (
          <div class="small-text">
            <Sees user={token} />
          </div>
        )}
      </td>
      <td data-name={T.created}>
        <Time at={created} />
      </td>
      <td data-name={T.used}>
        {used ? (
          <>
            <Relative at={used} /> {from && <Text class="muted small-text" text={from} />}
          </>
        ) : (
          <span class="muted">{T.never}</span>
        )}
      </td>
      <td data-name={T.ends}>
        {over ? T.over : expires ? <Relative at={expires} /> : <span class="unlimited">{T.noEnd}</span>}
        {away && !over && <div class="muted small-text">{T.unlessSeen}</div>}
      </td>
      <td class="end">
        <button type="button" class="button small" aria-label={T.endOf(name)} onClick={onEnd}>
          <Icon name="x" /> {T.end}
        </button>
      </td>
    </tr>
  );
}

function Table({ tokens, owners, onEnd }: { tokens: Token[]; owners: boolean; onEnd: (token: Token) => void }) {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label={T.title}>
      <table class="plain settings-table tokens">
        <thead>
          <tr>
            {[T.name, ...(owners ? [T.owner] : []), T.may, T.created, T.used, T.ends].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            <td />
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <Row key={token.id} token={token} owners={owners} onEnd={() => onEnd(token)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Tokens({ whose }: { whose: Whose }) {
  const { tokens, table, away, problem, load } = useTokens(whose);
  const ending = useSignal<Token | null>(null);
  const found = tokens.value;
  const close = () => {
    ending.value = null;
  };
  return (
    <section class="account-section" aria-labelledby="tokens">
      <h2 id="tokens">{T.title}</h2>
      <p class="muted small-text">
        <Phrase text={T.what} parts={{ header: <code>Authorization: Bearer …</code> }} />
      </p>
      {whose === 'mine' && away.value !== null && <p class="notice info">{T.away(span(away.value))}</p>}
      {problem.value && <Problem problem={problem.value} onRetry={() => void load()} />}
      {!found && !problem.value && <p class="muted">{W.loading}</p>}
      {found?.length === 0 && <p class="muted">{T.none}</p>}
      {found && found.length > 0 && (
        <Table
          tokens={found}
          owners={whose === 'all'}
          onEnd={(token) => {
            ending.value = token;
          }}
        />
      )}
      {whose === 'mine' && table.value && <NewTokenForm table={table.value} onMade={() => void load()} />}
      {ending.value && (
        <EndToken
          token={ending.value}
          onClose={close}
          onDone={() => {
            close();
            void load();
          }}
        />
      )}
    </section>
  );
}
