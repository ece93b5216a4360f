/* A browser's objects for tests, from happy-dom. */
import { Window } from 'happy-dom';

export function dom(): Window {
  const window = new Window({ url: 'http://127.0.0.1:8025/' });
  for (const name of [
    'window',
    'document',
    'location',
    'history',
    'localStorage',
    'HTMLElement',
    'Element',
    'Node',
    'SVGElement',
    'Event',
    'KeyboardEvent',
    'MouseEvent',
    'requestAnimationFrame',
    'cancelAnimationFrame',
    'addEventListener',
    'removeEventListener',
    'matchMedia',
    'ResizeObserver',
  ] as const) {
    const value = name === 'window' ? window : (window as unknown as Record<string, unknown>)[name];
    const bound = typeof value === 'function' && !/^[A-Z]/.test(name) ? (value as () => void).bind(window) : value;
    Object.defineProperty(globalThis, name, { value: bound, configurable: true, writable: true });
  }
  return window;
}
