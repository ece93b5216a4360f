/*
 * A QR code (ISO/IEC 18004) for a text: its UTF-8 bytes, error correction M, versions 1 to 20. A library would be three
 * times as much to load and to look after; a test reads what is drawn here with one that is none of ours.
 */

/* By version, from 1: codewords of error correction in each block, and the blocks. */
const CORRECTION = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];
const MOST_VERSION = 20;

type Grid = boolean[][];

/** All codewords of a version: what its modules hold that are no pattern. */
function codewords(version: number): number {
  const side = 17 + 4 * version;
  const aligned = places(version).length;
  let modules = side * side - 3 * 64 - 31 - 2 * (side - 16);
  /* Of the patterns of alignment three would lie on the corners; those in the lines of the timing share five modules. */
  if (aligned > 0) modules -= 25 * (aligned * aligned - 3) - 10 * (aligned - 2);
  if (version >= 7) modules -= 36;
  return modules >> 3;
}

/** Where the middles of the patterns of alignment lie, in both directions. */
function places(version: number): number[] {
  if (version === 1) return [];
  const many = Math.floor(version / 7) + 2;
  const last = 10 + 4 * version;
  const step = 2 * Math.ceil((last - 6) / (2 * (many - 1)));
  return Array.from({ length: many }, (_, at) => (at === 0 ? 6 : last - step * (many - 1 - at)));
}

/* Of the field with 256 elements: powers of 2, and their logarithms. */
const POWER: number[] = [];
const LOG: number[] = [];
for (let at = 0, value = 1; at < 255; at++) {
  POWER[at] = value;
  LOG[value] = at;
  value = value < 128 ? value * 2 : (value * 2) ^ 0x11d;
}
const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : POWER[(LOG[a]! + LOG[b]!) % 255]!);

/** The codewords of error correction of a block: what a division by a polynomial of that degree leaves (Reed and Solomon). */
function corrections(block: number[], degree: number): number[] {
  let divisor = [1];
  for (let at = 0; at < degree; at++)
    divisor = [...divisor, 0].map((value, index) => value ^ (index > 0 ? times(divisor[index - 1]!, POWER[at]!) : 0));
  const rest = [...block, ...Array<number>(degree).fill(0)];
  for (let at = 0; at < block.length; at++) {
    const factor = rest[at]!;
    divisor.forEach((value, index) => (rest[at + index]! ^= times(value, factor)));
  }
  return rest.slice(block.length);
}

/** The text's bytes with their head and what fills them up, as codewords; null where the version has no room. */
function dataOf(bytes: Uint8Array, version: number): number[] | null {
  const room = codewords(version) - CORRECTION[version - 1]! * BLOCKS[version - 1]!;
  const lengthBits = version < 10 ? 8 : 16;
  if (bytes.length * 8 + 4 + lengthBits > room * 8) return null;
  const bits =
    '0100' + bytes.length.toString(2).padStart(lengthBits, '0') + [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const filled = bits.padEnd(Math.min(room * 8, bits.length + 4), '0');
  const whole = filled.padEnd(Math.ceil(filled.length / 8) * 8, '0');
  const data = whole.match(/.{8}/g)!.map((byte) => parseInt(byte, 2));
  for (let at = 0; data.length < room; at++) data.push(at % 2 === 0 ? 0xec : 0x11);
  return data;
}

/** The codewords in the order in which they are drawn: one of each block in turn, then the same of the corrections. */
function interleaved(data: number[], version: number): number[] {
  const many = BLOCKS[version - 1]!;
  const short = Math.floor(data.length / many);
  const long = data.length % many;
  let from = 0;
  const blocks = Array.from({ length: many }, (_, at) => {
    const length = short + (at >= many - long ? 1 : 0);
    from += length;
    return data.slice(from - length, from);
  });
  const corrected = blocks.map((block) => corrections(block, CORRECTION[version - 1]!));
  const inTurn = (all: number[][]): number[] =>
    Array.from({ length: Math.max(...all.map((each) => each.length)) }, (_, at) => all.flatMap((each) => each[at] ?? [])).flat();
  return [...inTurn(blocks), ...inTurn(corrected)];
}

/** A number with what a division of it by a polynomial leaves behind it (the code of Bose, Chaudhuri and Hocquenghem). */
function checked(value: number, polynomial: number, bits: number): number {
  let rest = value << bits;
  for (let at = 31 - Math.clz32(rest); at >= bits; at = 31 - Math.clz32(rest)) rest ^= polynomial << (at - bits);
  return (value << bits) | rest;
}

const MASKS: ((row: number, column: number) => boolean)[] = [
  (row, column) => (row + column) % 2 === 0,
  (row) => row % 2 === 0,
  (_, column) => column % 3 === 0,
  (row, column) => (row + column) % 3 === 0,
  (row, column) => (Math.floor(row / 2) + Math.floor(column / 3)) % 2 === 0,
  (row, column) => ((row * column) % 2) + ((row * column) % 3) === 0,
  (row, column) => (((row * column) % 2) + ((row * column) % 3)) % 2 === 0,
  (row, column) => (((row + column) % 2) + ((row * column) % 3)) % 2 === 0,
];

/** A grid in which the patterns are drawn; `taken` tells which modules they have. */
class Drawing {
  readonly dark: Grid;
  readonly taken: Grid;

  constructor(
    readonly side: number,
    readonly version: number,
  ) {
    const empty = (): Grid => Array.from({ length: side }, () => Array<boolean>(side).fill(false));
    this.dark = empty();
    this.taken = empty();
    this.#patterns();
  }

  put(row: number, column: number, dark: boolean): void {
    if (row < 0 || column < 0 || row >= this.side || column >= this.side) return;
    this.dark[row]![column] = dark;
    this.taken[row]![column] = true;
  }

  /** Rings around a middle; `light` are the distances that are not dark. */
  #rings(row: number, column: number, reach: number, light: number[]): void {
    for (let down = -reach; down <= reach; down++)
      for (let right = -reach; right <= reach; right++)
        this.put(row + down, column + right, !light.includes(Math.max(Math.abs(down), Math.abs(right))));
  }

  #patterns(): void {
    const far = this.side - 4;
    for (let at = 0; at < this.side; at++) {
      this.put(6, at, at % 2 === 0);
      this.put(at, 6, at % 2 === 0);
    }
    for (const [row, column] of [
      [3, 3],
      [3, far],
      [far, 3],
    ] as const)
      this.#rings(row, column, 4, [2, 4]);
    const middles = places(this.version);
    for (const row of middles)
      for (const column of middles) {
        const nearFinder = (row === 6 && (column === 6 || column === middles.at(-1))) || (column === 6 && row === middles.at(-1));
        if (!nearFinder) this.#rings(row, column, 2, [1]);
      }
    this.format(0);
    if (this.version < 7) return;
    const bits = checked(this.version, 0x1f25, 12);
    for (let at = 0; at < 18; at++) {
      const dark = ((bits >> at) & 1) === 1;
      this.put(Math.floor(at / 3), this.side - 11 + (at % 3), dark);
      this.put(this.side - 11 + (at % 3), Math.floor(at / 3), dark);
    }
  }

  /** Which mask, twice: around the first corner, and beside the two others. */
  format(mask: number): void {
    const bits = checked(mask, 0x537, 10) ^ 0x5412;
    const lines = [0, 1, 2, 3, 4, 5, 7, 8];
    for (let at = 0; at < 15; at++) {
      const dark = ((bits >> at) & 1) === 1;
      if (at < 8) {
        this.put(lines[at]!, 8, dark);
        this.put(8, this.side - 1 - at, dark);
      } else {
        this.put(8, lines[14 - at]!, dark);
        this.put(this.side - 15 + at, 8, dark);
      }
    }
    this.put(this.side - 8, 8, true);
  }

  /** Bits in pairs of columns from the right, up and down in turn; what is left over stays light. */
  write(words: number[]): void {
    let bit = 0;
    for (let right = this.side - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5;
      const up = ((right + 1) & 2) === 0;
      for (let step = 0; step < this.side; step++)
        for (const column of [right, right - 1]) {
          const row = up ? this.side - 1 - step : step;
          if (this.taken[row]![column] || bit >= words.length * 8) continue;
          this.dark[row]![column] = ((words[bit >> 3]! >> (7 - (bit & 7))) & 1) === 1;
          bit += 1;
        }
    }
  }

  masked(mask: number): Grid {
    this.format(mask);
    return this.dark.map((line, row) => line.map((dark, column) => dark !== (!this.taken[row]![column] && MASKS[mask]!(row, column))));
  }
}

/** How hard a grid is to read: long runs, blocks, what looks like a corner, and an unequal share of dark. */
function hardness(grid: Grid): number {
  const side = grid.length;
  const turned = grid.map((_, column) => grid.map((line) => line[column]!));
  let sum = 0;
  for (const line of [...grid, ...turned]) {
    const text = line.map((dark) => (dark ? '1' : '0')).join('');
    for (const [run] of text.matchAll(/0{5,}|1{5,}/g)) sum += run.length - 2;
    sum += 40 * [...text.matchAll(/(?=10111010000|00001011101)/g)].length;
  }
  for (let row = 1; row < side; row++)
    for (let column = 1; column < side; column++) {
      const dark = grid[row]![column];
      if (dark === grid[row - 1]![column] && dark === grid[row]![column - 1] && dark === grid[row - 1]![column - 1]) sum += 3;
    }
  const share = grid.flat().filter(Boolean).length / (side * side);
  return sum + 10 * Math.floor(Math.abs(share - 0.5) * 20);
}

/** The modules of the code, true where dark; null for a text that is too long. */
export function qrCode(text: string): Grid | null {
  const bytes = new TextEncoder().encode(text);
  for (let version = 1; version <= MOST_VERSION; version++) {
    const data = dataOf(bytes, version);
    if (!data) continue;
    const drawing = new Drawing(17 + 4 * version, version);
    drawing.write(interleaved(data, version));
    const grids = MASKS.map((_, mask) => drawing.masked(mask));
    const marks = grids.map(hardness);
    return grids[marks.indexOf(Math.min(...marks))]!;
  }
  return null;
}

/** The same as the path of an SVG, a run of dark modules at a time; one unit a module. */
export const qrPath = (grid: Grid): string =>
  grid
    .flatMap((line, row) =>
      [
        ...line
          .map((dark) => (dark ? '1' : '0'))
          .join('')
          .matchAll(/1+/g),
      ].map((run) => `M${run.index} ${row}h${run[0].length}v1h-${run[0].length}z`),
    )
    .join('');
