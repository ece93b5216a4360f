/* A number with its noun. */
import { count } from '../lib/format';

export const n = (value: number, one: string, many = `${one}s`): string => `${count(value)} ${value === 1 ? one : many}`;
export const messages = (value: number): string => n(value, 'message');
