/*
 * The focus is never lost: when what has it is taken off the page (the bar of a selection that was acted on, a toast, a
 * row that scrolled away), it goes to the place that this stood in, or to the table.
 */
const HOMES = '[data-grid], .drawer, .message-page, main';

const isNowhere = (): boolean => document.activeElement === null || document.activeElement === document.body;

export function startFocus(): () => void {
  let last: Element | null = null;
  let homes: HTMLElement[] = [];
  const remember = (event: FocusEvent) => {
    last = event.target as Element;
    homes = [];
    for (let at = last.parentElement?.closest<HTMLElement>(HOMES); at; at = at.parentElement?.closest<HTMLElement>(HOMES)) homes.push(at);
  };
  const restore = () => {
    if (!last || last.isConnected || !isNowhere()) return;
    last = null;
    const near = homes.find((home) => home.isConnected && home.matches('[data-grid], .drawer'));
    const home = near ?? document.querySelector<HTMLElement>('[data-grid]') ?? document.getElementById('main');
    home?.focus({ preventScroll: true });
  };
  const watch = new MutationObserver(restore);
  document.addEventListener('focusin', remember);
  watch.observe(document.body, { childList: true, subtree: true });
  return () => {
    document.removeEventListener('focusin', remember);
    watch.disconnect();
  };
}
