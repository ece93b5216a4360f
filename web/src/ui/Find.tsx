/* The way to the box that finds anything; the box itself is loaded when it is first opened. */
import { paletteOpen } from '../state/palette';
import { W } from '../words';
import { Icon } from './Icon';
import { lazy } from './lazy';

const Palette = lazy(() => import('../palette/Palette').then((module) => module.Palette));

export const PaletteHost = () => (paletteOpen.value ? <Palette /> : null);

export function FindButton() {
  return (
    <button
      type="button"
      class="button quiet find"
      title={`${W.find} (Ctrl-K)`}
      onClick={() => {
        paletteOpen.value = true;
      }}
    >
      <Icon name="search" /> <span class="visually-hidden">{W.find}</span> <kbd>Ctrl-K</kbd>
    </button>
  );
}
