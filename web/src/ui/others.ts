/* All that is beside the first page comes in one piece (pages.ts), and its styles with it. */

let styles: Promise<void> | null = null;

/** The file of styles has a name with a hash in it, which index.html tells. */
function loadStyles(): Promise<void> {
  styles ??= new Promise((resolve, reject) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = document.querySelector<HTMLMetaElement>('meta[name="style-of-pages"]')?.content ?? '';
    link.onload = () => resolve();
    link.onerror = () => {
      link.remove();
      styles = null;
      reject(new Error('styles'));
    };
    document.head.append(link);
  });
  return styles;
}

/** Without their styles the pages are not shown: they would jump when these come. */
export const others = async () => (await Promise.all([import('../pages'), loadStyles()]))[0];
