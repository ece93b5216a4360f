/* A button that opens a short list; it closes on a choice, on Escape and when the focus leaves it. */
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';

interface Props {
  label: ComponentChildren;
  /** Where the label is an icon alone. */
  name?: string;
  class?: string;
  align?: 'start' | 'end';
  onOpen?: () => void;
  children: ComponentChildren;
}

export function Menu({ label, name, class: extra = 'button', align = 'end', onOpen, children }: Props) {
  const ref = useRef<HTMLDetailsElement>(null);
  const close = (focus: boolean) => {
    if (!ref.current?.open) return;
    ref.current.open = false;
    if (focus) ref.current.querySelector('summary')?.focus();
  };
  return (
    <details
      ref={ref}
      class={`menu ${align}`}
      onToggle={() => {
        if (ref.current?.open) onOpen?.();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && ref.current?.open) {
          event.stopPropagation();
          close(true);
        }
      }}
      onFocusOut={(event) => {
        if (!ref.current?.contains(event.relatedTarget as Node | null) && event.relatedTarget) close(false);
      }}
    >
      <summary class={extra} aria-label={name} title={name}>
        {label}
      </summary>
      <div
        class="menu-list"
        onClick={(event) => {
          if ((event.target as Element).closest('button:not(.stays), a')) close(false);
        }}
      >
        {children}
      </div>
    </details>
  );
}
