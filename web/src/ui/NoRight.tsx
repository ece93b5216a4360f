/* In place of a page that was reached by its address and is not for this account: why, and who can help. */
import type { Right } from '../api/types';
import { hrefOf } from '../state/route';
import { me, scope } from '../state/session';
import { W } from '../words';
import { rightsWords as R } from '../words/rights';
import { Icon } from './Icon';

/** `right`: what is lacking; without, it is a page about all of the queue, for nobody with a scope. */
export function NoRight({ title, right }: { title: string; right?: Right }) {
  const fromGroups = me.value?.how === 'oidc' || me.value?.how === 'proxy';
  return (
    <article class="settings-page">
      <header class="page-head">
        <h1>{title}</h1>
      </header>
      <section class="card no-right" aria-labelledby="no-right">
        <h2 id="no-right">
          <Icon name="lock" /> {R.none.title}
        </h2>
        {right && <p>{R.none.lacks(R.name[right])}</p>}
        <p class="muted">{right && scope.value === null ? R.whoHas[right] : R.none.scoped}</p>
        <p>
          {fromGroups ? R.none.helpGroups : R.none.help} <a href={hrefOf({})}>{W.backToQueue}</a>
        </p>
      </section>
    </article>
  );
}
