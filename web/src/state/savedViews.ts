/*
 * Names for addresses: those of the team, which the server keeps, and those that this browser kept before there were
 * any for the team. Who may not act saves for his browser alone.
 */
import { signal } from '@preact/signals';
import { get, post, problemIn, remove } from '../api/client';
import { HERE } from '../api/place';
import type { Problem, SavedView } from '../api/types';
import { savedViews } from './prefs';
import { formatRoute, route } from './route';
import { mayAct } from './session';
import { say } from './toasts';
import { W } from '../words';

/** null: not read yet, or not to be seen by who is signed in. */
export const teamViews = signal<SavedView[] | null>(null);
export const viewsProblem = signal<Problem | null>(null);

async function attempt(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    viewsProblem.value = null;
    return true;
  } catch (error) {
    viewsProblem.value = problemIn(error);
    return false;
  }
}

const read = async (): Promise<void> => {
  teamViews.value = (await get<{ views: SavedView[] }>('/saved-views')).views;
};

export const loadViews = (): Promise<boolean> => attempt(read);

/** The query of what is shown now, without what is only open beside it. */
const shown = (): string => formatRoute({ ...route.value, open: [], jobs: '' }).slice(HERE.length) || '?';

export const saveView = (name: string): Promise<boolean> =>
  attempt(async () => {
    if (mayAct.value) {
      await post('/saved-views', { name, address: shown() });
      await read();
    } else savedViews.value = [...savedViews.value.filter((view) => view.name !== name), { name, address: `/${shown()}` }];
  });

/** Forgets a view for everybody, which can be taken back where it was done. */
export const forgetView = ({ id, name, address }: SavedView): Promise<boolean> =>
  attempt(async () => {
    await remove(`/saved-views/${id}`);
    await read();
    const back = () =>
      attempt(async () => {
        await post('/saved-views', { name, address });
        await read();
      });
    say(W.views.forgotten(name), { label: W.undo, run: () => void back() });
  });

/** Gives the views of this browser to the team. One whose name is taken stays here, and the problem says so. */
export const takeOver = (): Promise<boolean> =>
  attempt(async () => {
    try {
      for (const view of savedViews.value) {
        await post('/saved-views', { name: view.name, address: view.address.slice(1) || '?' });
        savedViews.value = savedViews.value.filter((other) => other !== view);
      }
    } finally {
      await read();
    }
  });
