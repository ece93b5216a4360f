/* The way from what is wrong to what to do about it. */
import { hrefOf } from '../state/route';
import { W } from '../words';
import { Icon } from './Icon';

export function RunbookLink({ name }: { name: string | null }) {
  if (name === null) return null;
  return (
    <a class="button small" href={hrefOf({ page: 'runbook', id: name })} title={W.runbookTitle}>
      <Icon name="book-open" /> {W.runbook}
    </a>
  );
}
