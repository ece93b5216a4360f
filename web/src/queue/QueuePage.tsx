/* The first page: how is the queue, what is stuck and why, who causes it, which messages exactly. */
import { useEffect } from 'preact/hooks';
import { Above } from '../chart/Above';
import { showChart, showGroups } from '../state/prefs';
import { marked } from '../state/marks';
import { filter, sort } from '../state/route';
import { startView, takeView } from '../state/view';
import { Announcer } from './Announcer';
import { Floods } from './Floods';
import { Grid } from './Grid';
import { GroupsPanel } from './GroupsPanel';
import { ActionProblem, SelectionBar } from './SelectionBar';
import { SortChoice } from './Head';
import { Summary } from './Summary';
import { Toolbar } from './Toolbar';
import { useNarrow } from './useNarrow';
import { W } from '../words';

export function QueuePage() {
  const narrow = useNarrow();
  useEffect(startView, []);
  useEffect(() => {
    void takeView();
  }, [filter.value, sort.value]);
  return (
    <div class={`queue-page ${marked.value > 0 ? 'marking' : ''}`}>
      <h1 class="visually-hidden">{W.title.queue}</h1>
      <div class="health">
        <Summary />
        {narrow.value && showGroups.value && (
          <div class="card">
            <Floods />
          </div>
        )}
        {showChart.value && <Above />}
      </div>
      <Toolbar />
      <div class={`work ${showGroups.value ? 'with-groups' : ''}`}>
        <div class="table-side">
          <SortChoice />
          <SelectionBar />
          <Grid />
          <ActionProblem />
        </div>
        {showGroups.value && <GroupsPanel floods={!narrow.value} />}
      </div>
      <Announcer />
    </div>
  );
}
