/* Messages, counted: most sentences have some. */
import { n } from '../number';

export const messages = (value: number): string => n(value, { one: '# Nachricht', other: '# Nachrichten' });
