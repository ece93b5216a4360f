/* The list below the filter box. The focus stays in the box; the arrows move through the list. */
import type { FilterCompletion } from '../api/types';
import { count } from '../lib/format';
import { completions, reached } from '../state/completions';
import { Text } from '../ui/Text';
import { W } from '../words';

export const LIST_ID = 'filter-completions';
export const optionId = (index: number): string => `${LIST_ID}-${index}`;

function Option({ item }: { item: FilterCompletion }) {
  if (item.kind !== 'value')
    return (
      <>
        <code>{item.insert}</code> <span class="muted">{item.label}</span>
      </>
    );
  return (
    <>
      <span class="completion-value">{item.label === '' ? W.nullSender : <Text text={item.label} />}</span>
      {item.messages !== null && <span class="muted">{count(item.messages)}</span>}
    </>
  );
}

export function Completions({ onTake }: { onTake: (item: FilterCompletion) => void }) {
  const items = completions.value?.items ?? [];
  return (
    <ul class="completions" id={LIST_ID} role="listbox" aria-label={W.completions} hidden={items.length === 0}>
      {items.map((item, index) => (
        <li
          key={`${item.kind}${item.insert}`}
          id={optionId(index)}
          role="option"
          aria-selected={index === reached.value}
          class={item.kind}
          /* The focus must not leave the box, or the list would close before the click. */
          onPointerDown={(event) => event.preventDefault()}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onTake(item)}
        >
          <Option item={item} />
        </li>
      ))}
    </ul>
  );
}
