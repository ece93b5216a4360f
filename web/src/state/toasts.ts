/* Short words about what was just done. Failures never come here: they stand beside their cause. */
import { signal } from '@preact/signals';

export interface Toast {
  id: number;
  text: string;
  action?: { label: string; run: () => void };
}

export const toasts = signal<readonly Toast[]>([]);
const SECONDS = 12;
let next = 1;
const timers = new Map<number, ReturnType<typeof setTimeout>>();

export function dismiss(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** While somebody points at a toast or has the focus in it, it does not go. */
export function keep(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
}

/** Lets a toast go after its time, counted from now. */
export function letGo(id: number): void {
  keep(id);
  timers.set(
    id,
    setTimeout(() => dismiss(id), SECONDS * 1000),
  );
}

export function say(text: string, action?: Toast['action']): void {
  const id = next++;
  toasts.value = [...toasts.value.slice(-2), { id, text, action }];
  letGo(id);
}
