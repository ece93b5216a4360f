/* The line above the table: filter, saved views, what else is shown, and the whole-queue action. */
import { useSignal } from '@preact/signals';
import { path, resource } from '../api/place';
import { count, size } from '../lib/format';
import { askFlush } from '../state/actions';
import { summary } from '../state/live';
import { paging, showChart, showGroups } from '../state/prefs';
import { linkTo, route } from '../state/route';
import { mayFlush } from '../state/session';
import { fresh, loading, refresh, view } from '../state/view';
import { Icon } from '../ui/Icon';
import { lazy } from '../ui/lazy';
import { Menu } from '../ui/Menu';
import { CopyButton } from '../ui/Problem';
import { Phrase } from '../ui/Phrase';
import { W } from '../words';
import { FilterBox } from './FilterBox';
import { SortChoice } from './Head';

const SavedViewsList = lazy(() => import('./SavedViewsList').then((module) => module.SavedViewsList));

function SavedViews() {
  const opened = useSignal(false);
  return (
    <Menu
      onOpen={() => {
        opened.value = true;
      }}
      label={
        <>
          <Icon name="bookmark" /> <span class="wide-only">{W.savedViews}</span>
        </>
      }
    >
      {opened.value && <SavedViewsList />}
    </Menu>
  );
}

function More() {
  const id = view.value?.id;
  return (
    <Menu name={W.moreMenu} label={<Icon name="ellipsis" />}>
      <SortChoice />
      <hr />
      <label>
        <input
          type="checkbox"
          checked={showChart.value}
          onChange={() => {
            showChart.value = !showChart.value;
          }}
        />{' '}
        {W.chart.show}
      </label>
      <label>
        <input
          type="checkbox"
          checked={showGroups.value}
          onChange={() => {
            showGroups.value = !showGroups.value;
          }}
        />{' '}
        {W.groups.show}
      </label>
      <label>
        <input
          type="checkbox"
          checked={paging.value}
          onChange={() => {
            paging.value = !paging.value;
          }}
        />{' '}
        {W.pagesInstead}
      </label>
      <hr />
      {id && (
        <a href={resource(path(`/print?view=${id}`))} target="_blank" rel="noopener">
          <Icon name="printer" /> {W.print}
        </a>
      )}
      {mayFlush.value && (
        <button type="button" onClick={askFlush}>
          <Icon name="zap" /> {W.flush.name} <code>postqueue -f</code>
        </button>
      )}
    </Menu>
  );
}

/** "412 new, 1,030 gone: refresh (r)" */
export function Pill() {
  const { arrived, gone } = fresh.value;
  if (arrived === 0 && gone === 0) return null;
  return (
    <button type="button" class="pill" onClick={() => void refresh()}>
      <Icon name="refresh-cw" /> {W.pill(arrived, gone)} <kbd>r</kbd>
    </button>
  );
}

/** Before anything was read, no matches say nothing. */
const isKnown = (matched: number): boolean => matched > 0 || summary.value?.as_of !== null;

export function Toolbar() {
  const now = view.value;
  return (
    <div class="toolbar">
      <FilterBox />
      <div class="toolbar-side">
        <p class="matched" aria-live="off">
          {now && isKnown(now.matched) && (
            <>
              <Phrase text={W.matched(now.matched)} parts={{ count: <strong>{count(now.matched)}</strong> }} />{' '}
              <span class="muted">{size(now.bytes)}</span>
            </>
          )}
          {loading.value && <Icon name="loader" class="turning" />}
        </p>
        <Pill />
        <CopyButton text={linkTo({ ...route.value, jobs: '' })} label={W.copyLinkOfView} bare />
        <SavedViews />
        <More />
      </div>
    </div>
  );
}
