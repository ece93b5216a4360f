/* Of runbooks.mjs, for the tests. */
import type { Runbook } from 'runbooks';
export function parseRunbook(name: string, text: string): Runbook;
export function linksOf(runbook: Runbook): string[];
