// Waiting for something to become true, never for time to pass: the condition is asked again and again
// until it holds, and a wait that runs out says what it waited for and what it last saw.

const EVERY_MS = 20;

// The condition's answer, or an error once `ms` have passed: one that never answers must not hang a test.
function within(ms, condition) {
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(() => reject(Object.assign(new Error('no answer'), { late: true })), Math.max(ms, 0));
	});
	return Promise.race([condition(), late]).finally(() => clearTimeout(timer));
}

// Resolves with the first truthy value of `condition` (which may be async and may throw meanwhile; an
// error with `final` set ends the wait).
export async function until(what, condition, { timeout = 60000 } = {}) {
	const deadline = Date.now() + timeout;
	let last;
	for (;;) {
		try {
			last = await within(deadline - Date.now(), async () => condition());
			if (last)
				return last;
		} catch (error) {
			if (error.final)
				throw error;
			// The last look may have been cut short: what the one before saw tells more.
			last = error.late && last !== undefined ? last : error;
		}
		if (Date.now() >= deadline) {
			const seen = last instanceof Error ? last.message : JSON.stringify(last);
			throw new Error(`waited ${timeout} ms in vain for ${what}; last saw: ${seen}`);
		}
		await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
	}
}
