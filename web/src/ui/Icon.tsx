/* An icon of the sprite. It never stands for a word alone: who uses it gives the word beside it or as a label. */
declare const SPRITE: string;

export function Icon({ name, class: extra = '' }: { name: string; class?: string }) {
  return (
    <svg class={`icon ${extra}`} aria-hidden="true" focusable="false">
      <use href={`${SPRITE}#${name}`} />
    </svg>
  );
}
