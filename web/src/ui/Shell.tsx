/* What is around every page: the head with the way to go and whether one sees the queue live, notices, jobs. */
import type { ComponentType } from 'preact';
import { FlushQuestion } from '../actions/FlushDialog';
import { ActionQuestion } from '../actions/ActionQuestion';
import { QueuePage } from '../queue/QueuePage';
import { focusTable } from '../queue/useGridKeys';
import { openJobs } from '../state/jobs';
import { summary } from '../state/live';
import { type Theme, theme } from '../state/prefs';
import { go, hrefOf, page, type PageName, route } from '../state/route';
import { mayAdmin, me, signOut } from '../state/session';
import { W } from '../words';
import { FindButton, PaletteHost } from './Find';
import { Icon } from './Icon';
import { lazy } from './lazy';
import { Live } from './Live';
import { Menu } from './Menu';
import { Notes, Notices } from './Notices';
import { Toasts } from './Toasts';

function Account() {
  const who = me.value;
  if (!who) return null;
  const themes: Theme[] = ['system', 'light', 'dark'];
  return (
    <Menu
      class="button quiet"
      label={
        <>
          <Icon name="user" /> <span class="visually-hidden">{W.account}</span> <span class="wide-only">{who.name}</span>
        </>
      }
    >
      <p class="muted small-text">{W.signedInAs(who.name, W.role[who.role])}</p>
      <div class="segments" role="group" aria-label={W.colours}>
        {themes.map((each) => (
          <button
            key={each}
            type="button"
            class="stays"
            aria-pressed={theme.value === each}
            onClick={() => {
              theme.value = each;
            }}
          >
            {W.theme[each]}
          </button>
        ))}
      </div>
      <hr />
      {mayAdmin.value && (
        <a href={hrefOf({ page: 'accounts' })}>
          <Icon name="user" /> {W.manageAccounts}
        </a>
      )}
      <button type="button" onClick={() => void signOut()}>
        <Icon name="log-out" /> {W.signOut}
      </button>
      <p class="muted small-text">Postroom {who.version}</p>
    </Menu>
  );
}

function NavLink({ to, icon, name }: { to: PageName; icon: string; name: string }) {
  return (
    <a href={hrefOf({ page: to })} aria-current={page.value === to ? 'page' : undefined} title={name}>
      <Icon name={icon} /> <span>{name}</span>
    </a>
  );
}

function Head() {
  const running = openJobs.value.length;
  return (
    <header class="top">
      <a class="brand" href="/">
        <span class="brand-name">Postroom</span>
        {summary.value && <span class="brand-host">{summary.value.host}</span>}
      </a>
      <nav aria-label={W.nav.name}>
        <NavLink to="queue" icon="inbox" name={W.nav.queue} />
        <button
          type="button"
          aria-expanded={route.value.jobs !== ''}
          title={W.jobs.name}
          onClick={() => go({ jobs: route.value.jobs ? '' : 'all' }, true)}
        >
          <Icon name="list-checks" /> <span>{W.jobs.name}</span>
          {running > 0 && (
            <span class="count" aria-label={W.jobs.running(running)}>
              {running}
            </span>
          )}
        </button>
        <NavLink to="settings" icon="settings" name={W.nav.settings} />
        <NavLink to="help" icon="circle-question-mark" name={W.nav.help} />
      </nav>
      <FindButton />
      <Live />
      <Notes />
      <Account />
    </header>
  );
}

/** The first stop: past everything to what one came for. The address stays as it is. */
function Skip() {
  const queue = page.value === 'queue';
  const skip = (event: MouseEvent) => {
    event.preventDefault();
    if (queue) focusTable();
    else document.getElementById('main')?.focus();
  };
  return (
    <a class="skip" href="#main" onClick={skip}>
      {queue ? W.skipToTable : W.skip}
    </a>
  );
}

const others = () => import('../pages');
const Drawer = lazy(async () => (await others()).Drawer);

const PAGES: Record<PageName, ComponentType> = {
  queue: QueuePage,
  message: lazy(async () => (await others()).MessagePage),
  incident: lazy(async () => (await others()).IncidentPage),
  settings: lazy(async () => (await others()).SettingsPage),
  accounts: lazy(async () => (await others()).AccountsPage),
  help: lazy(async () => (await others()).HelpPage),
};

export function Shell() {
  const Page = PAGES[page.value];
  return (
    <div class={`shell ${route.value.jobs ? 'with-drawer' : ''}`}>
      <Skip />
      <Head />
      <Notices />
      <main id="main" tabIndex={-1} key={page.value + route.value.id}>
        <Page />
      </main>
      {route.value.jobs && <Drawer />}
      <ActionQuestion />
      <FlushQuestion />
      <PaletteHost />
      <Toasts />
    </div>
  );
}
