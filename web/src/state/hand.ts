/* Where somebody's hand is: what lies under a moving pointer, or has the keys, must not move by itself. */

const STILL_MS = 4000;

let pointed: { target: Node; at: number } | null = null;
let keyed = 0;
/* A page that is opened is opened by somebody. */
let moved = Date.now();

/** When a hand last did anything on the page, in milliseconds. */
export const lastHand = (): number => moved;

/** Whether the pointer moved over an element, or a key was pressed in it, within the last seconds. */
export function underHand(element: Element | null): boolean {
  if (!element) return false;
  const now = Date.now();
  if (pointed && now - pointed.at < STILL_MS && element.contains(pointed.target)) return true;
  return now - keyed < STILL_MS && element.contains(document.activeElement);
}

export function startHand(): () => void {
  const point = (event: PointerEvent) => {
    moved = Date.now();
    if (event.target instanceof Node) pointed = { target: event.target, at: moved };
  };
  const key = () => {
    moved = keyed = Date.now();
  };
  const options = { capture: true, passive: true };
  addEventListener('pointermove', point, options);
  addEventListener('pointerdown', point, options);
  addEventListener('keydown', key, options);
  return () => {
    removeEventListener('pointermove', point, options);
    removeEventListener('pointerdown', point, options);
    removeEventListener('keydown', key, options);
  };
}
