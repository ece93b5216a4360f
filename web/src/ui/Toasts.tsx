import { dismiss, keep, letGo, toasts } from '../state/toasts';
import { W } from '../words';
import { Icon } from './Icon';

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((toast) => (
        <div
          class="toast"
          key={toast.id}
          onPointerEnter={() => keep(toast.id)}
          onPointerLeave={() => letGo(toast.id)}
          onFocusIn={() => keep(toast.id)}
          onFocusOut={() => letGo(toast.id)}
        >
          <span>{toast.text}</span>
          {toast.action && (
            <button
              type="button"
              class="button small"
              onClick={() => {
                toast.action!.run();
                dismiss(toast.id);
              }}
            >
              {toast.action.label}
            </button>
          )}
          <button type="button" class="button small quiet" aria-label={W.dismiss} onClick={() => dismiss(toast.id)}>
            <Icon name="x" />
          </button>
        </div>
      ))}
    </div>
  );
}
