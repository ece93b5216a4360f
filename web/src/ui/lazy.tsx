/* Parts that the first screen does without: they are loaded when they are first shown. */
import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { W } from '../words';
import { laterWords } from '../words/language';

/**
 * A component in place of one that is still to be loaded, after the words that it reads. When it does not come (the service
 * is away, or another version has taken its place) it says so, with a way to load the page anew.
 */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  const loaded = signal<ComponentType<P> | null>(null);
  const failed = signal(false);
  const fetchIt = () => {
    if (loaded.value) return;
    failed.value = false;
    laterWords()
      .then(load)
      .then(
        (component) => {
          loaded.value = component;
        },
        () => {
          failed.value = true;
        },
      );
  };
  return function Lazy(props: P) {
    useEffect(fetchIt, []);
    const Component = loaded.value;
    if (Component) return <Component {...props} />;
    if (!failed.value) return <p class="muted lazy">{W.loading}</p>;
    return (
      <p class="notice error" role="alert">
        {W.notLoaded}{' '}
        <button type="button" class="button small" onClick={() => location.reload()}>
          {W.reload}
        </button>
      </p>
    );
  };
}
