// The size of a fault test: small within `make test`, as the product promises it in `make test-faults`.
export const FULL = process.env.POSTROOM_FAULTS === 'full';

export function size(short, full) {
	return FULL ? full : short;
}

// A repeatable stream of fractions (the kills of a run that failed can be had again by its seed).
export function random(seed) {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return state / 2 ** 32;
	};
}
