// How smoothly the table scrolls over a million rows: frames that Chromium presented and dropped while it was scrolled by a wheel, by its own
// trace, what the page's thread took, and how much was empty meanwhile. Prints a Markdown table. Alone on an idle machine: it draws without a GPU.
//     node frames.mjs [--count 1000000] [--seconds 10]
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { Postfix, Postroom } from '../harness/index.mjs';
import { ARGUMENTS, EXECUTABLE } from '../e2e/browser.mjs';
import { MAIN, expectMessages, generate, log, median, percentile, printTable, row, seconds, timedAsync, untilCurrent } from './measure.mjs';

const { values: options } = parseArgs({ options: { count: { type: 'string', default: '1000000' }, seconds: { type: 'string', default: '10' } } });
const COUNT = Number(options.count);
const SECONDS = Number(options.seconds);
const SIZE = { width: 1440, height: 900 };
const FRAME_MS = 1000 / 60;
const RATE_LEAST = 59, DROPPED_MOST = 0.01, TASK_MOST_MS = FRAME_MS;
// Pixels a second: somebody who reads along, one who looks for something, and one who throws the list.
const SPEEDS = [600, 3000, 12000];
const STOP_MS = 120000;
const CATEGORIES = ['cc', 'benchmark', 'toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'];

// All events that the browser traces while `work` runs.
async function traced(session, work) {
	const events = [];
	const collect = ({ value }) => events.push(...value);
	session.on('Tracing.dataCollected', collect);
	await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: CATEGORIES, excludedCategories: ['*'] } });
	await work();
	const complete = new Promise((done) => session.once('Tracing.tracingComplete', done));
	await session.send('Tracing.end');
	await complete;
	session.off('Tracing.dataCollected', collect);
	return events;
}

// What became of each frame that had something to draw, as the compositor reports it (PipelineReporter) in the page's process. One frame may have two
// reports, of what it has of the page's thread and of the rest: it was presented where one of them was.
function frames(events, pid) {
	const shown = new Map();
	for (const event of events) {
		const report = event.name === 'PipelineReporter' && event.pid === pid && event.ph === 'b' ? event.args?.chrome_frame_reporter ?? event.args?.frame_reporter : null;
		if (!report || report.state === 'STATE_NO_UPDATE_DESIRED')
			continue;
		const key = `${report.frame_source} ${report.frame_sequence}`;
		shown.set(key, (shown.get(key) ?? false) || report.state.startsWith('STATE_PRESENTED'));
	}
	const presented = [...shown.values()].filter(Boolean).length;
	return { presented, dropped: shown.size - presented };
}

// The process that draws the page, and its main thread.
function rendererOf(events) {
	const named = events.filter((event) => event.name === 'thread_name' && event.args?.name === 'CrRendererMain');
	const busy = (thread) => events.filter((event) => event.pid === thread.pid && event.tid === thread.tid).length;
	return named.sort((a, b) => busy(b) - busy(a))[0];
}

const tasks = (events, thread) => events.filter((event) => event.ph === 'X' && /^(ThreadControllerImpl::)?RunTask$/.test(event.name) && event.pid === thread.pid && event.tid === thread.tid)
	.map((event) => event.dur / 1000);

// In the page: at each frame, how many of the rows in sight wait for their message.
function watchRows() {
	const scroller = globalThis.document.querySelector('[data-grid] .scroller');
	const seen = { frames: 0, rows: 0, waiting: 0, stop: false, began: globalThis.performance.now(), ended: 0, from: scroller.scrollTop, to: 0 };
	const look = () => {
		const { top, bottom } = scroller.getBoundingClientRect();
		for (const one of scroller.querySelectorAll('.row')) {
			const box = one.getBoundingClientRect();
			if (box.bottom <= top || box.top >= bottom)
				continue;
			seen.rows++;
			seen.waiting += one.classList.contains('waiting') ? 1 : 0;
		}
		seen.frames++;
		seen.ended = globalThis.performance.now();
		seen.to = scroller.scrollTop;
		if (!seen.stop)
			globalThis.requestAnimationFrame(look);
	};
	globalThis.watched = seen;
	globalThis.requestAnimationFrame(look);
}

const postfix = await Postfix.start({ main: MAIN });
await generate(postfix, COUNT);
const postroom = await Postroom.start(postfix, { ready: false });
log(`first view in ${seconds(await timedAsync(() => untilCurrent(postroom)))}`);
await expectMessages(postroom, COUNT);

const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS });
const context = await browser.newContext({ viewport: SIZE });
const page = await context.newPage();
const { path } = await postroom.post('/login-links', { name: 'bench', role: 'admin' });
await page.goto(`${postroom.url}${path}`);
await page.locator('.row:not(.waiting)').first().waitFor({ timeout: STOP_MS });
const hand = await context.newCDPSession(page);
const tracer = await browser.newBrowserCDPSession();
const at = await page.locator('[data-grid] .scroller').boundingBox();

async function scroll(speed) {
	const began = Date.now();
	await hand.send('Input.synthesizeScrollGesture', {
		x: at.x + at.width / 2, y: at.y + at.height / 2, yDistance: -speed * SECONDS, speed, gestureSourceType: 'mouse', preventFling: true,
	});
	return (Date.now() - began) / 1000;
}

// What is laid out, compiled and asked for once.
await scroll(SPEEDS[1]);
for (const speed of SPEEDS) {
	await page.evaluate(watchRows);
	let took;
	const events = await traced(tracer, async () => { took = await scroll(speed); });
	const seen = await page.evaluate(() => Object.assign(globalThis.watched, { stop: true }));
	const thread = rendererOf(events);
	const { presented, dropped } = frames(events, thread.pid);
	const longest = tasks(events, thread);
	if (presented === 0 || longest.length === 0 || seen.to === seen.from)
		throw new Error('nothing was scrolled, or the trace has no frames of the page');
	const rate = seen.frames / ((seen.ended - seen.began) / 1000);
	const share = dropped / (presented + dropped);
	row(`frames a second that the page was asked for, at ${speed} px a second, ${took.toFixed(0)} s`, rate.toFixed(1), '', '', `not under ${RATE_LEAST}`, rate >= RATE_LEAST);
	row('of those with something to draw, dropped', `${(share * 100).toFixed(1)} %`, `${dropped}; presented ${presented}`, '', `${DROPPED_MOST * 100} %`, share <= DROPPED_MOST);
	row("the page's tasks", `p99 ${percentile(longest, 0.99).toFixed(1)} ms`, `median ${median(longest).toFixed(2)} ms, longest ${Math.max(...longest).toFixed(1)} ms`, '',
		`${TASK_MOST_MS.toFixed(1)} ms`, percentile(longest, 0.99) <= TASK_MOST_MS);
	// There is no bound: at the highest speed nobody reads.
	log(`rows in sight that waited for their message: ${(100 * seen.waiting / seen.rows).toFixed(1)} % of ${seen.rows}, in ${seen.frames} frames`);
}
printTable(COUNT, 1);
await browser.close();
await postroom.stop();
await postfix.stop();
process.exit(0);
