/* What the menu of saved views holds: built-in ones, the team's, and this browser's, which can be given to the team. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { pageAt } from '../api/place';
import { savedViews } from '../state/prefs';
import { filter, hrefOf } from '../state/route';
import { forgetView, loadViews, saveView, takeOver, teamViews, viewsProblem } from '../state/savedViews';
import { mayAct } from '../state/session';
import { say } from '../state/toasts';
import { Icon } from '../ui/Icon';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { W } from '../words';
import { builtInViews } from './builtInViews';

function Forget({ name, onForget }: { name: string; onForget: () => void }) {
  return (
    <button type="button" class="quiet stays" aria-label={W.views.forget(name)} title={W.views.forget(name)} onClick={onForget}>
      <Icon name="x" />
    </button>
  );
}

function Team() {
  const views = teamViews.value;
  if (!views) return null;
  return (
    <>
      <h3>{W.views.team}</h3>
      {views.length === 0 && <p class="muted small-text">{W.views.none}</p>}
      {views.map((view) => (
        <span class="menu-row" key={view.id}>
          <a href={pageAt(view.address)} title={W.views.by(view.by)}>
            <Text text={view.name} />
          </a>
          {mayAct.value && <Forget name={view.name} onForget={() => void forgetView(view)} />}
        </span>
      ))}
    </>
  );
}

function Here() {
  const views = savedViews.value;
  const give = async () => {
    if (await takeOver()) say(W.views.takenOver(views.length));
  };
  if (views.length === 0) return null;
  return (
    <>
      <h3>{W.views.here}</h3>
      {views.map((view) => (
        <span class="menu-row" key={view.name}>
          <a href={pageAt(view.address)}>
            <Text text={view.name} />
          </a>
          <Forget
            name={view.name}
            onForget={() => {
              savedViews.value = savedViews.value.filter((other) => other !== view);
            }}
          />
        </span>
      ))}
      {mayAct.value && (
        <p>
          <button type="button" class="button small stays" onClick={() => void give()}>
            <Icon name="arrow-up" /> {W.views.takeOver(views.length)}
          </button>
        </p>
      )}
    </>
  );
}

function Save() {
  const name = useSignal(filter.value || W.allMessages);
  useEffect(() => {
    name.value = filter.value || W.allMessages;
  }, [filter.value]);
  const save = async (event: Event) => {
    event.preventDefault();
    const wanted = name.value.trim();
    if (wanted !== '' && (await saveView(wanted)) && mayAct.value) say(W.views.saved(wanted));
  };
  return (
    <form class="save-view" onSubmit={(event) => void save(event)}>
      <input
        type="text"
        aria-label={W.views.name}
        value={name.value}
        maxLength={100}
        onInput={(event) => {
          name.value = event.currentTarget.value;
        }}
      />
      <button type="submit" class="button small stays">
        <Icon name="bookmark" /> {mayAct.value ? W.views.save : W.views.saveHere}
      </button>
    </form>
  );
}

export function SavedViewsList() {
  useEffect(() => void loadViews(), []);
  return (
    <div class="saved-views">
      {builtInViews().map((view) => (
        <a key={view.name} href={hrefOf({ filter: view.filter, sort: view.sort })}>
          {view.name}
        </a>
      ))}
      <hr />
      <Team />
      <Here />
      {viewsProblem.value && viewsProblem.value.code !== 'forbidden' && <Problem problem={viewsProblem.value} />}
      <hr />
      <Save />
    </div>
  );
}
