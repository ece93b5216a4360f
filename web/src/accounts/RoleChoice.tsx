/* Which of the three roles. */
import type { Role } from '../api/types';
import { W } from '../words';

const ROLES: Role[] = ['viewer', 'operator', 'admin'];

export function RoleChoice({ value, label, onChange }: { value: Role; label?: string; onChange: (value: Role) => void }) {
  return (
    <select
      value={value}
      aria-label={label}
      onChange={(event) => {
        const chosen = event.currentTarget.value as Role;
        event.currentTarget.value = value; /* it changes when it has been done */
        onChange(chosen);
      }}
    >
      {ROLES.map((role) => (
        <option key={role} value={role}>
          {W.role[role]}
        </option>
      ))}
    </select>
  );
}
