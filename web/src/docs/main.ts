/* The script of the documentation: the colours that were chosen on the page, and the search. Everything else needs none. */
import { search, type Found, type SearchIndex } from './search';

/** As the page keeps it (web/src/state/prefs.ts). */
function takeTheme(): void {
  try {
    const theme: unknown = JSON.parse(localStorage.getItem('postroom.theme') ?? '""');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme;
  } catch {
    /* Storage that is switched off or broken is no reason not to be read. */
  }
}

let loading: Promise<SearchIndex> | undefined;

/** Loaded when somebody first searches. */
function index(): Promise<SearchIndex> {
  loading ??= fetch('search.json').then((reply) => {
    if (!reply.ok) throw new Error(`${reply.status}`);
    return reply.json() as Promise<SearchIndex>;
  });
  loading.catch(() => {
    loading = undefined;
  });
  return loading;
}

function line({ href, page, heading }: Found): HTMLLIElement {
  const item = document.createElement('li');
  const link = document.createElement('a');
  link.href = href;
  link.textContent = heading || page;
  item.append(link);
  if (heading) {
    const where = document.createElement('span');
    where.textContent = page;
    item.append(' ', where);
  }
  return item;
}

function startSearch(form: HTMLFormElement, input: HTMLInputElement, box: HTMLElement, status: Element, list: Element): void {
  let asked = 0;
  const show = async () => {
    const text = input.value.trim();
    const mine = ++asked;
    box.hidden = text.length < 2;
    if (box.hidden) return;
    try {
      const found = search(await index(), text);
      /* An answer that was overtaken is not shown. */
      if (mine !== asked) return;
      list.replaceChildren(...found.map(line));
      status.textContent = found.length === 0 ? `Nothing has “${text}”.` : `${found.length} ${found.length === 1 ? 'place' : 'places'}`;
    } catch {
      list.replaceChildren();
      status.textContent = 'The index cannot be loaded.';
    }
  };
  form.hidden = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    list.querySelector('a')?.click();
  });
  input.addEventListener('input', () => void show());
  list.addEventListener('click', () => {
    box.hidden = true;
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && !(event.target instanceof HTMLInputElement) && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      input.select();
    } else if (event.key === 'Escape' && !box.hidden) {
      box.hidden = true;
      input.focus();
    }
  });
  /* A browser that goes back keeps what was typed. */
  if (input.value) void show();
}

takeTheme();
const form = document.querySelector<HTMLFormElement>('form[role="search"]');
const input = form?.querySelector('input');
const box = document.querySelector<HTMLElement>('.found');
const status = box?.querySelector('[role="status"]');
const list = box?.querySelector('ol');
if (form && input && box && status && list) startSearch(form, input, box, status, list);
