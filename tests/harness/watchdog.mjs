// A test that hangs says which one it is and ends its file, instead of holding up the whole run until
// somebody kills it without a word. Importing this arms it.
import { beforeEach } from 'node:test';

// Far above the longest test there is on a slow machine; the full faults may take what they need.
const MINUTES = process.env.POSTROOM_TRUTH === 'full' ? 600 : process.env.POSTROOM_INCIDENTS === 'full' ? 60 : process.env.POSTROOM_FAULTS === 'full' ? 90 : process.env.POSTROOM_INSTALL === 'full' ? 20 : 4;
const HUNG_MS = MINUTES * 60000;

let running = 'what comes before the first test';
let timer;

function arm() {
	clearTimeout(timer);
	timer = setTimeout(() => {
		console.error(`watchdog: ${process.argv[1]}: "${running}" has not ended in ${HUNG_MS / 60000} minutes; it waits for: ${process.getActiveResourcesInfo().join(', ')}`);
		process.exit(1);
	}, HUNG_MS);
	// It must not keep a file alive that is done.
	timer.unref();
}

beforeEach((context) => {
	running = context.name;
	arm();
});
arm();
