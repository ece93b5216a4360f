// The size of a fault test: small within `make test`, as the product promises it in `make test-faults`.
export const FULL = process.env.POSTROOM_FAULTS === 'full';

export function size(short, full) {
	return FULL ? full : short;
}
