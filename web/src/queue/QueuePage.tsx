/* The first page: is it healthy, what is wrong, since when, who causes it, what to press; then which messages exactly. */
import { useEffect } from 'preact/hooks';
import { Depth } from '../first/Depth';
import { Figures } from '../first/Figures';
import { Wrong } from '../first/Wrong';
import { HeldBack } from '../pauses/PauseQuestion';
import { showGroups } from '../state/prefs';
import { marked } from '../state/marks';
import { filter, sort } from '../state/route';
import { scope } from '../state/session';
import { startView, takeView } from '../state/view';
import { Announcer } from './Announcer';
import { CauseBanner } from './CauseBanner';
import { Grid } from './Grid';
import { GroupsPanel } from './GroupsPanel';
import { ActionProblem, SelectionBar } from './SelectionBar';
import { SortChoice } from './Head';
import { InLog, useInLog } from './InLog';
import { Toolbar } from './Toolbar';
import { useNarrow } from './useNarrow';
import { W } from '../words';

export function QueuePage() {
  const narrow = useNarrow();
  const inLog = useInLog();
  useEffect(startView, []);
  useEffect(() => {
    void takeView();
  }, [filter.value, sort.value]);
  return (
    <div class={`queue-page ${marked.value > 0 ? 'marking' : ''}`}>
      <h1 class="visually-hidden">{W.title.queue}</h1>
      <div class="health">
        {narrow.value ? [<Wrong key="wrong" />, <Figures key="figures" />] : [<Figures key="figures" />, <Wrong key="wrong" />]}
        <HeldBack />
        {scope.value === null && <Depth />}
      </div>
      <Toolbar />
      <div class={`work ${showGroups.value ? 'with-groups' : ''}`}>
        <div class={`table-side ${inLog === null ? '' : 'with-log'}`}>
          <CauseBanner />
          <SortChoice />
          <SelectionBar />
          <Grid />
          <InLog text={inLog} />
          <ActionProblem />
        </div>
        {showGroups.value && <GroupsPanel />}
      </div>
      <Announcer />
    </div>
  );
}
