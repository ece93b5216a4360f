/* What an account may, in a few words: its role, and what is different from the role. */
import type { User } from '../api/types';
import { Icon } from '../ui/Icon';
import { Text } from '../ui/Text';
import { W } from '../words';
import { accountsPageWords as A } from '../words/accountsPage';
import { rightsWords as R } from '../words/rights';

export function May({ user: { role, given, taken } }: { user: User }) {
  return (
    <>
      {W.role[role]}
      {[...given.map((right) => R.given(R.name[right])), ...taken.map((right) => R.taken(R.name[right]))].map((text) => (
        <div key={text} class="muted small-text">
          {text}
        </div>
      ))}
    </>
  );
}

export function Sees({ user: { scope, scope_problem: problem } }: { user: User }) {
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
