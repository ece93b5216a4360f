/* "My account": who one is here, where one is signed in, what protects it, and one's tokens. */
import { useSignal } from '@preact/signals';
import { andList } from '../lib/format';
import { scopeText } from '../lib/scopeText';
import { me } from '../state/session';
import { Text } from '../ui/Text';
import { Relative } from '../ui/Time';
import { W } from '../words';
import { accountPageWords as A } from '../words/accountPage';
import { rightsWords as R } from '../words/rights';
import { OneTimeCard } from './OneTimeCard';
import { isByPassword, PasswordCard } from './PasswordCard';
import { Sessions } from './Sessions';
import { Tokens } from './Tokens';

function Facts() {
  const who = me.value!;
  return (
    <dl class="card facts account-facts">
      <div>
        <dt>{A.facts.name}</dt>
        <dd>
          <strong>
            <Text text={who.name} />
          </strong>{' '}
          <span class="muted">({W.role[who.role]})</span>
        </dd>
      </div>
      <div>
        <dt>{A.facts.how}</dt>
        <dd>{A.how[who.how]}</dd>
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
            <>
              <Text text={scopeText(who.scope_parts ?? [{ filter: who.scope, any: null }])} />
              <div class="small-text muted">
                <code>
                  <Text text={who.scope} />
                </code>
              </div>
            </>
          )}
        </dd>
      </div>
      {who.expires !== null && (
        <div>
          <dt>{who.via === 'token' ? A.facts.tokenEnds : A.facts.ends}</dt>
          <dd>
            <Relative at={who.expires} />
          </dd>
        </div>
      )}
    </dl>
  );
}

export function AccountPage() {
  const { via, how } = me.value!;
  const changes = useSignal(0);
  const changed = () => {
    changes.value += 1;
  };
  return (
    <article class="settings-page">
      <header class="page-head">
        <h1>{A.title}</h1>
        <p class="muted">{A.intro}</p>
      </header>
      <Facts />
      {via !== 'session' && <p class="notice info">{via === 'proxy' ? A.fromProxy : A.fromHost}</p>}
      {via === 'session' && <Sessions whose="mine" key={changes.value} byPassword={isByPassword(how)} />}
      {via === 'session' && <PasswordCard how={how} onChanged={changed} />}
      {via === 'session' && <OneTimeCard />}
      {via === 'session' && <Tokens whose="mine" />}
    </article>
  );
}
