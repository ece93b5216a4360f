/* Buttons of which one is chosen, side by side: one tab stop. */
import type { ComponentChildren } from 'preact';
import { useRoving } from './roving';

export function Segments({ label, class: extra = '', children }: { label: string; class?: string; children: ComponentChildren }) {
  return (
    <div {...useRoving<HTMLDivElement>()} class={`segments ${extra}`} role="toolbar" aria-label={label}>
      {children}
    </div>
  );
}
