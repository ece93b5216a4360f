/* What an account may do and see: its role, the rights that the role leaves open, and the part of the queue. */
import type { Right, Role, RoleTable, Users } from '../api/types';
import { andList } from '../lib/format';
import { W } from '../words';
import { accountsPageWords as A } from '../words/accountsPage';
import { rightsWords as R } from '../words/rights';
import { ScopeField } from './ScopeField';
import type { Allowed } from './useAccounts';

const F = A.form;

interface Props {
  allowed: Allowed;
  /** What roles are allowed, as the server has it. */
  table: Pick<Users, 'roles' | 'scope_takes'>;
  fault: { column: number; expected: string } | null;
  /** What is seen without a filter, where that is not everything: of a token whose owner sees a part. */
  all?: string;
  onChange: (allowed: Allowed) => void;
}

const rowOf = (roles: RoleTable[], role: Role): RoleTable => roles.find((each) => each.role === role)!;

const isOn = ({ has }: RoleTable, { given, taken }: Allowed, right: Right): boolean =>
  (has.includes(right) || given.includes(right)) && !taken.includes(right);

/** The same with a right given or taken; nothing is said twice. */
function withRight(row: RoleTable, allowed: Allowed, right: Right, on: boolean): Allowed {
  const without = (list: Right[]): Right[] => list.filter((each) => each !== right);
  return {
    ...allowed,
    given: on && !row.has.includes(right) ? [...without(allowed.given), right] : without(allowed.given),
    taken: !on && row.has.includes(right) ? [...without(allowed.taken), right] : without(allowed.taken),
  };
}

/** With another role only what that one leaves open stays given or taken. */
function withRole(roles: RoleTable[], allowed: Allowed, role: Role): Allowed {
  const row = rowOf(roles, role);
  return {
    ...allowed,
    role,
    given: allowed.given.filter((right) => row.may_give.includes(right)),
    taken: allowed.taken.filter((right) => row.may_take.includes(right)),
  };
}

function RoleField({ allowed, table, onChange }: Props) {
  return (
    <label class="field">
      <span>{F.role}</span>
      <select value={allowed.role} onChange={(event) => onChange(withRole(table.roles, allowed, event.currentTarget.value as Role))}>
        {table.roles.map(({ role }) => (
          <option key={role} value={role}>
            {W.role[role]}
          </option>
        ))}
      </select>
      <span class="muted small-text">{R.role[allowed.role]}</span>
    </label>
  );
}

function Rights({ allowed, table, all, onChange }: Props) {
  const row = rowOf(table.roles, allowed.role);
  const scoped = allowed.scope !== null || all !== undefined;
  const gone = (right: Right): boolean => scoped && table.scope_takes.includes(right);
  const open = [...row.may_take, ...row.may_give].filter((right) => !gone(right));
  const always = row.has.filter((right) => !row.may_take.includes(right) && !gone(right));
  return (
    <fieldset class="choices">
      <legend>{F.rights}</legend>
      <p class="muted small-text">{F.always(andList(always.map((right) => R.name[right])))}</p>
      {open.map((right) => (
        <label key={right} class="tick">
          <input
            type="checkbox"
            checked={isOn(row, allowed, right)}
            onChange={(event) => onChange(withRight(row, allowed, right, event.currentTarget.checked))}
          />
          <span>
            {R.name[right]} <span class="muted small-text">{R.what[right]}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function Sees({ allowed, table, fault, all, onChange }: Props) {
  const { scope } = allowed;
  /* A right that nobody has beside a filter goes with it: what is given holds. */
  const choose = (next: string | null) =>
    onChange({
      ...allowed,
      scope: next,
      given: next === null ? allowed.given : allowed.given.filter((right) => !table.scope_takes.includes(right)),
    });
  return (
    <fieldset class="choices">
      <legend>{F.sees}</legend>
      <div class="choice-list">
        <label>
          <input type="radio" name="sees" checked={scope === null} onChange={() => choose(null)} /> {all ?? F.all}
        </label>
        <label>
          <input type="radio" name="sees" checked={scope !== null} onChange={() => choose(scope ?? '')} /> {F.part}
        </label>
      </div>
      {scope !== null && (
        <>
          <ScopeField value={scope} fault={fault} onInput={choose} />
          <p class="muted small-text">
            {F.means} {F.takes(andList(table.scope_takes.map((right) => R.name[right])))}
          </p>
        </>
      )}
    </fieldset>
  );
}

export function AllowedFields(props: Props) {
  return (
    <>
      <RoleField {...props} />
      <Rights {...props} />
      <Sees {...props} />
    </>
  );
}
