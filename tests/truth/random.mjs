// Chance from a seed: the same seed gives the same choices.
export class Random {
	#state;

	constructor(seed) {
		this.#state = seed >>> 0;
	}

	// In [0, 1) (mulberry32).
	next() {
		this.#state = (this.#state + 0x6d2b79f5) >>> 0;
		let t = this.#state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	}

	// A whole number from `least` to `most`.
	between(least, most) {
		return least + Math.floor(this.next() * (most - least + 1));
	}

	chance(probability) {
		return this.next() < probability;
	}

	pick(list) {
		return list[Math.floor(this.next() * list.length)];
	}

	// At most `count` different members.
	some(list, count) {
		const rest = [...list];
		const taken = [];
		while (taken.length < count && rest.length)
			taken.push(...rest.splice(Math.floor(this.next() * rest.length), 1));
		return taken;
	}

	// One of {name: weight}.
	weighted(weights) {
		let at = this.next() * Object.values(weights).reduce((sum, weight) => sum + weight, 0);
		for (const [name, weight] of Object.entries(weights))
			if ((at -= weight) < 0)
				return name;
		return Object.keys(weights)[0];
	}
}
