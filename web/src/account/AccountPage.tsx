/* "My account": who one is here, where one is signed in, what protects it, and one's tokens. */
import { andList } from '../lib/format';
import { me } from '../state/session';
import { Text } from '../ui/Text';
import { Relative } from '../ui/Time';
import { W } from '../words';
import { accountPageWords as A } from '../words/accountPage';
import { rightsWords as R } from '../words/rights';
import { OneTimeCard } from './OneTimeCard';
import { Sessions } from './Sessions';
import { Tokens } from './Tokens';

function Facts() {
  const who = me.value!;
  const way = who.via === 'session' ? null : who.via;
  return (
    <dl class="card facts account-facts">
      <div>
        <dt>{A.facts.name}</dt>
        <dd>
          <strong>
            <Text text={who.name} />
          </strong>{' '}
          <span class="muted">
            ({W.role[who.role]}
            {way && `, ${A.how[way]}`})
          </span>
        </dd>
      </div>
      <div>
        <dt>{A.facts.may}</dt>
        <dd>{andList(who.rights.map((right) => R.name[right]))}</dd>
      </div>
      <div>
        <dt>{A.facts.sees}</dt>
        <dd>
          {who.scope === null ? (
            R.everything
          ) : (
            <code>
              <Text text={who.scope} />
            </code>
          )}
        </dd>
      </div>
      {who.expires !== null && (
        <div>
          <dt>{A.facts.ends}</dt>
          <dd>
            <Relative at={who.expires} />
          </dd>
        </div>
      )}
    </dl>
  );
}

export function AccountPage() {
  const { via } = me.value!;
  return (
    <article class="settings-page">
      <header class="page-head">
        <h1>{A.title}</h1>
        <p class="muted">{A.intro}</p>
      </header>
      <Facts />
      {via !== 'session' && <p class="notice info">{via === 'proxy' ? A.fromProxy : A.fromHost}</p>}
      {via === 'session' && <Sessions whose="mine" />}
      {via === 'session' && <OneTimeCard />}
      {via === 'session' && <Tokens whose="mine" />}
    </article>
  );
}
