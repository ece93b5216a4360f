/* What is around every page: the head with the way to go and whether one sees the queue live, notices, jobs. */
import type { ComponentType } from 'preact';
import { HERE } from '../api/place';
import { ActionQuestion, FlushQuestion } from '../actions/ActionQuestion';
import { PauseQuestion } from '../pauses/PauseQuestion';
import { QueuePage } from '../queue/QueuePage';
import { focusTable } from '../queue/useGridKeys';
import { scopeText } from '../lib/scopeText';
import { openJobs } from '../state/jobs';
import { summary } from '../state/live';
import { type Theme, theme } from '../state/prefs';
import { go, hrefOf, page, type PageName, route } from '../state/route';
import { mayAccounts, mayAudit, me, signOut } from '../state/session';
import { W } from '../words';
import { FindButton, PaletteHost } from './Find';
import { Icon } from './Icon';
import { DatesChoice, LanguageChoice } from './LanguageChoice';
import { lazy } from './lazy';
import { Live } from './Live';
import { Menu } from './Menu';
import { Notes, Notices } from './Notices';
import { Phrase } from './Phrase';
import { others } from './others';
import { Text } from './Text';
import { Toasts } from './Toasts';

function MenuLink({ to, icon }: { to: PageName; icon: string }) {
  return (
    <a href={hrefOf({ page: to })}>
      <Icon name={icon} /> {W.title[to]}
    </a>
  );
}

/** Whoever sees a part of the queue must know at every number that it is one of that part. */
function ScopeLine() {
  const who = me.value;
  if (!who || who.scope === null) return null;
  return (
    <p class="scope-line" title={who.scope}>
      <Icon name="filter" />{' '}
      <Phrase
        text={W.youSee}
        parts={{
          what: (
            <strong>
              <Text text={who.scope_parts ? scopeText(who.scope_parts) : who.scope} />
            </strong>
          ),
        }}
      />
    </p>
  );
}

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
      <p class="muted small-text">
        {W.signedInAs(who.name, W.role[who.role], who.via === 'proxy' || who.logout_url !== null ? W.bySingleSignOn : '')}
      </p>
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
      <LanguageChoice />
      <DatesChoice />
      <hr />
      <MenuLink to="account" icon="user" />
      {mayAccounts.value && <MenuLink to="accounts" icon="users" />}
      {mayAudit.value && <MenuLink to="audit" icon="history" />}
      {(who.via === 'session' || who.logout_url !== null) && (
        <button type="button" onClick={() => void signOut()}>
          <Icon name="log-out" /> {W.signOut}
        </button>
      )}
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
      <a class="brand" href={HERE}>
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
        {me.value?.scope === null && <NavLink to="alerts" icon="bell" name={W.nav.alerts} />}
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

const Drawer = lazy(async () => (await others()).Drawer);

const PAGES: Record<PageName, ComponentType> = {
  queue: QueuePage,
  message: lazy(async () => (await others()).MessagePage),
  incident: lazy(async () => (await others()).IncidentPage),
  alerts: lazy(async () => (await others()).AlertsPage),
  settings: lazy(async () => (await others()).SettingsPage),
  account: lazy(async () => (await others()).AccountPage),
  accounts: lazy(async () => (await others()).AccountsPage),
  audit: lazy(async () => (await others()).AuditPage),
  help: lazy(async () => (await others()).HelpPage),
  runbook: lazy(async () => (await others()).RunbookPage),
};

export function Shell() {
  const Page = PAGES[page.value];
  return (
    <div class={`shell ${route.value.jobs ? 'with-drawer' : ''}`}>
      <Skip />
      <Head />
      <div class="notices-side">
        <ScopeLine />
        <Notices />
      </div>
      <main id="main" tabIndex={-1} key={page.value + route.value.id}>
        <Page />
      </main>
      {route.value.jobs && <Drawer />}
      <ActionQuestion />
      <FlushQuestion />
      <PauseQuestion />
      <PaletteHost />
      <Toasts />
    </div>
  );
}
