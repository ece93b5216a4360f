/* Ctrl-K: one box that finds an address, an ID, a cause, a job, a setting, an incident, a view, an action. Keyboard first. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { paletteOpen } from '../state/palette';
import { Text } from '../ui/Text';
import { paletteWords as P } from '../words/palette';
import { usePalette } from './usePalette';

const LIST_ID = 'palette-list';
const optionId = (index: number): string => `palette-${index}`;

export function Palette() {
  const dialog = useRef<HTMLDialogElement>(null);
  const typed = useSignal('');
  const reached = useSignal(0);
  const items = usePalette(typed.value.trim());
  const at = Math.min(reached.value, items.length - 1);
  const close = () => {
    paletteOpen.value = false;
  };
  useEffect(() => {
    const box = dialog.current!;
    const before = document.activeElement;
    box.showModal();
    return () => {
      box.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  useEffect(() => document.getElementById(optionId(at))?.scrollIntoView({ block: 'nearest' }), [at]);
  const choose = (index: number) => {
    const item = items[index];
    if (!item) return;
    close();
    /* When the box has gone and given the focus back: what is chosen may take it elsewhere. */
    setTimeout(item.run, 0);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) reached.value = (at + step + items.length) % Math.max(1, items.length);
    else if (event.key === 'Enter') choose(at);
    else return;
    event.preventDefault();
  };
  return (
    <dialog
      ref={dialog}
      class="dialog palette"
      aria-label={P.name}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) close();
      }}
    >
      <input
        type="text"
        role="combobox"
        aria-label={P.name}
        aria-expanded={items.length > 0}
        aria-controls={LIST_ID}
        aria-autocomplete="list"
        aria-activedescendant={at >= 0 ? optionId(at) : undefined}
        placeholder={P.hint}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        value={typed.value}
        onInput={(event) => {
          typed.value = event.currentTarget.value;
          reached.value = 0;
        }}
        onKeyDown={onKeyDown}
      />
      <ul id={LIST_ID} role="listbox" aria-label={P.name}>
        {items.map((item, index) => (
          <li
            key={`${item.kind}${item.title}${index}`}
            id={optionId(index)}
            role="option"
            aria-selected={index === at}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => choose(index)}
          >
            <span class="palette-kind muted">{P.kind[item.kind]}</span>
            <strong>
              <Text text={item.title} />
            </strong>{' '}
            {item.more && (
              <span class="muted palette-more">
                <Text text={item.more} />
              </span>
            )}
          </li>
        ))}
      </ul>
    </dialog>
  );
}
