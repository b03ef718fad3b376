/** What drawing on a canvas must know about the theme; everything else follows by CSS. */
export interface Theme {
  readonly highContrast: boolean;
  /** Raised at every change of theme, so that canvases know when to repaint. */
  readonly generation: number;
}

/** Calls back when VS Code changes the theme: it rewrites the body's classes and the root's custom properties. */
export function observeTheme(onChange: (theme: Theme) => void): Theme {
  let generation = 0;
  const read = (): Theme => ({
    generation,
    highContrast:
      document.body.classList.contains('vscode-high-contrast') ||
      document.body.classList.contains('vscode-high-contrast-light'),
  });
  const observer = new MutationObserver(() => {
    generation++;
    onChange(read());
  });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  return read();
}
