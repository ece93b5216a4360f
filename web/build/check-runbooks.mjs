/* Says what is wrong in a directory of runbooks, one line each: node web/build/check-runbooks.mjs docs/runbooks (tools/check). */
import { resolve } from 'node:path';
import { mistakesIn } from './runbooks.mjs';

const wrong = mistakesIn(resolve(process.argv[2]));
wrong.forEach((line) => console.log(line));
process.exitCode = wrong.length > 0 ? 1 : 0;
