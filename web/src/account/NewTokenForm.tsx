/* A new token of one's own: what it is for, how much it may, until when. Its secret is shown once. */
import { useSignal } from '@preact/signals';
import { AllowedFields } from '../accounts/AllowedFields';
import { faultOf } from '../accounts/AllowedForm';
import type { Allowed } from '../accounts/useAccounts';
import { problemIn } from '../api/client';
import { path } from '../api/place';
import type { Problem as ProblemData, Right } from '../api/types';
import { me } from '../state/session';
import { Dialog } from '../ui/Dialog';
import { Icon } from '../ui/Icon';
import { CopyButton, Problem } from '../ui/Problem';
import { accountPageWords as A } from '../words/accountPage';
import { type MadeToken, makeToken, type RightsTable } from './useTokens';

const T = A.tokens;
const USUAL_SECONDS = '7776000';
const FRESH: Allowed = { role: 'viewer', scope: null, given: [], taken: [] };

/** What of the roles one can give: nobody gives a right that he has not. */
function ownTable({ roles, scope_takes }: RightsTable, own: readonly Right[]): RightsTable {
  const mine = (rights: Right[]): Right[] => rights.filter((right) => own.includes(right));
  return {
    scope_takes,
    roles: roles
      .filter(({ has, may_take }) => has.every((right) => own.includes(right) || may_take.includes(right)))
      .map(({ role, has, may_give, may_take }) => ({ role, has: mine(has), may_give: mine(may_give), may_take: mine(may_take) })),
  };
}

/** With what the role has and its owner has not, taken away. */
function withoutMore(allowed: Allowed, { roles }: RightsTable, own: readonly Right[]): Allowed {
  const has = roles.find(({ role }) => role === allowed.role)?.has ?? [];
  return { ...allowed, taken: [...allowed.taken, ...has.filter((right) => !own.includes(right))] };
}

function Made({ made: { token, info }, onClose }: { made: MadeToken; onClose: () => void }) {
  const example = `curl -H "Authorization: Bearer $TOKEN" ${new URL(path('/api/v1/queue'), location.origin).href}`;
  return (
    <Dialog title={T.made(info.name)} onClose={onClose} class="ask">
      <p>{T.once}</p>
      <p class="made-token">
        <code>{token}</code> <CopyButton text={token} />
      </p>
      <p class="muted small-text">
        {T.example} <code>{example}</code>
      </p>
      <div class="dialog-buttons">
        <button type="button" class="button primary" onClick={onClose}>
          {T.done}
        </button>
      </div>
    </Dialog>
  );
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([each, name]) => (
          <option key={each} value={each}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: [string, string][];
  onChange: (value: string) => void;
}

function TextField({ label, value, hint, required, onInput }: TextProps) {
  return (
    <label class="field grow">
      <span>{label}</span>
      <input
        type="text"
        autocomplete="off"
        spellcheck={false}
        required={required}
        maxLength={required ? 64 : 4096}
        placeholder={hint}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  );
}

interface TextProps {
  label: string;
  value: string;
  hint: string;
  required?: boolean;
  onInput: (value: string) => void;
}

export function NewTokenForm({ table, onMade }: { table: RightsTable; onMade: () => void }) {
  const name = useSignal('');
  const allowed = useSignal(FRESH);
  const seconds = useSignal(USUAL_SECONDS);
  const busy = useSignal(false);
  const problem = useSignal<ProblemData | null>(null);
  const made = useSignal<MadeToken | null>(null);
  const { rights: own, scope } = me.value!;
  const fault = faultOf(problem.value);
  const make = async (event: Event) => {
    event.preventDefault();
    busy.value = true;
    try {
      made.value = await makeToken({
        name: name.value.trim(),
        ...withoutMore(allowed.value, table, own),
        valid_seconds: Number(seconds.value),
      });
      name.value = '';
      allowed.value = FRESH;
      problem.value = null;
      onMade();
    } catch (error) {
      problem.value = problemIn(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form class="card account-form" onSubmit={make} aria-label={T.add}>
      <h3>{T.add}</h3>
      <div class="account-fields">
        <TextField
          label={T.addName}
          hint={T.addNameHint}
          required
          value={name.value}
          onInput={(value) => {
            name.value = value;
          }}
        />
        <Choice
          label={T.validity}
          value={seconds.value}
          options={Object.entries(T.valid)}
          onChange={(value) => {
            seconds.value = value;
          }}
        />
      </div>
      <AllowedFields
        allowed={allowed.value}
        table={ownTable(table, own)}
        fault={fault}
        all={scope === null ? undefined : T.all}
        onChange={(next) => {
          allowed.value = next;
        }}
      />
      {problem.value && !fault && <Problem problem={problem.value} />}
      <div class="actions">
        <button type="submit" class="button primary" disabled={busy.value}>
          <Icon name="plus" /> {T.button}
        </button>
      </div>
      {made.value && (
        <Made
          made={made.value}
          onClose={() => {
            made.value = null;
          }}
        />
      )}
    </form>
  );
}
