/* What an account may, in a few words: its role, and what is different from the role. */
import type { User } from '../api/types';
import { andList } from '../lib/format';
import { Icon } from '../ui/Icon';
import { Text } from '../ui/Text';
import { W } from '../words';
import { accountsPageWords as A } from '../words/accountsPage';
import { rightsWords as R } from '../words/rights';

/** Of an account, or of a token. */
export function May({ user: { role, given, taken, lost } }: { user: Pick<User, 'role' | 'given' | 'taken' | 'lost'> }) {
  const differs = [
    ...given.map((right) => R.given(R.name[right])),
    ...taken.map((right) => R.taken(R.name[right])),
    ...(lost.length > 0 ? [R.lost(andList(lost.map((right) => R.name[right])))] : []),
  ];
  return (
    <>
      {W.role[role]}
      {differs.map((text) => (
        <div key={text} class="muted small-text">
          {text}
        </div>
      ))}
    </>
  );
}

export function Sees({ user: { scope, scope_problem: problem } }: { user: Pick<User, 'scope' | 'scope_problem'> }) {
  if (scope === null) return <span class="muted">{R.everything}</span>;
  return (
    <>
      <code>
        <Text text={scope} />
      </code>
      {problem !== null && (
        <p class="field-error">
          <Icon name="circle-alert" /> {A.scopeBroken} <Text text={problem} />
        </p>
      )}
    </>
  );
}

export function SignInState({ user: { locked, otp } }: { user: User }) {
  return (
    <>
      {locked ? (
        <strong class="is-locked">
          <Icon name="lock" /> {A.locked}
        </strong>
      ) : (
        <span>{A.open}</span>
      )}
      {otp && (
        <div class="muted small-text">
          <Icon name="shield-check" /> {A.otp}
        </div>
      )}
    </>
  );
}
