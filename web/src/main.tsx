/* Starts the page: who is signed in decides what is shown, and following starts and stops with it. */
import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { SignIn } from './signin/SignIn';
import { startClock } from './state/clock';
import { startFocus } from './state/focus';
import { startHand } from './state/hand';
import { startIncidents } from './state/incidents';
import { comeBack } from './state/issuer';
import { startJobs } from './state/jobs';
import { startKeys } from './state/keys';
import { startPalette } from './state/palette';
import { startLive, stopLive } from './state/live';
import { startLooked } from './state/looked';
import { startPauses } from './state/pauses';
import { startPrefs } from './state/prefs';
import { startRouting } from './state/route';
import { me, startSession } from './state/session';
import { startTab } from './state/tab';
import { lazy } from './ui/lazy';
import { others } from './ui/others';
import { Shell } from './ui/Shell';
import { W } from './words';
import { startLanguage } from './words/language';

function SignedIn() {
  useEffect(() => {
    startLive();
    const stops = [
      startClock(),
      startFocus(),
      startHand(),
      startJobs(),
      startIncidents(),
      startPauses(),
      startKeys(),
      startPalette(),
      startLooked(),
      startTab(),
      stopLive,
    ];
    return () => stops.forEach((stop) => stop());
  }, []);
  return <Shell />;
}

const MustSetUp = lazy(async () => (await others()).MustSetUp);

function App() {
  if (me.value === undefined) return <p class="starting">{W.loading}</p>;
  if (me.value === null) return <SignIn />;
  return me.value.must.length > 0 ? <MustSetUp /> : <SignedIn />;
}

startPrefs();
comeBack();
startRouting();
void startSession();
void startLanguage().then(() => render(<App />, document.body));
