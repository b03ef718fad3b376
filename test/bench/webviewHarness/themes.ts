/** Values of VS Code's default themes for the custom properties the view reads. */
export type ThemeName = 'dark' | 'light' | 'high-contrast' | 'high-contrast-light';

const common = {
  'font-family': 'system-ui, "Segoe WPC", "Segoe UI", "DejaVu Sans", sans-serif',
  'font-size': '13px',
  'font-weight': 'normal',
  'editor-font-family': '"DejaVu Sans Mono", monospace',
};

const dark = {
  ...common,
  foreground: '#cccccc',
  descriptionForeground: '#9d9d9d',
  errorForeground: '#f85149',
  focusBorder: '#0078d4',
  'widget-shadow': '#0000005c',
  'widget-border': '#313131',
  'panel-border': '#2b2b2b',
  'editor-background': '#1f1f1f',
  'editor-foreground': '#cccccc',
  'sideBar-background': '#181818',
  'editorWidget-background': '#202020',
  'editorHoverWidget-background': '#202020',
  'editorHoverWidget-border': '#454545',
  'editor-selectionBackground': '#264f78',
  'editorWarning-foreground': '#cca700',
  'textLink-foreground': '#4daafc',
  'toolbar-hoverBackground': '#5a5d5e50',
  'list-hoverBackground': '#2a2d2e',
  'list-inactiveSelectionBackground': '#37373d',
  'list-activeSelectionBackground': '#04395e',
  'list-activeSelectionForeground': '#ffffff',
  'list-focusOutline': '#0078d4',
  'button-background': '#0078d4',
  'button-foreground': '#ffffff',
  'button-hoverBackground': '#026ec1',
  'button-border': '#ffffff12',
  'button-secondaryBackground': '#313131',
  'button-secondaryForeground': '#cccccc',
  'button-secondaryHoverBackground': '#3c3c3c',
  'dropdown-background': '#313131',
  'dropdown-foreground': '#cccccc',
  'dropdown-border': '#3c3c3c',
  'dropdown-listBackground': '#1f1f1f',
  'input-background': '#313131',
  'input-foreground': '#cccccc',
  'input-border': '#3c3c3c',
  'input-placeholderForeground': '#989898',
  'inputValidation-errorBackground': '#5a1d1d',
  'inputValidation-errorBorder': '#be1100',
  'inputValidation-warningBackground': '#352a05',
  'inputValidation-warningBorder': '#b89500',
  'menu-background': '#1f1f1f',
  'menu-foreground': '#cccccc',
  'menu-selectionBackground': '#0078d4',
  'menu-selectionForeground': '#ffffff',
  'menu-border': '#454545',
  'progressBar-background': '#0078d4',
  'charts-red': '#f14c4c',
  'charts-blue': '#59a4f9',
  'charts-yellow': '#cca700',
  'charts-orange': '#d18616',
  'charts-green': '#89d185',
  'charts-purple': '#b180d7',
  'charts-foreground': '#cccccc',
};

const light = {
  ...dark,
  foreground: '#3b3b3b',
  descriptionForeground: '#3b3b3b',
  errorForeground: '#f85149',
  focusBorder: '#005fb8',
  'widget-shadow': '#00000029',
  'widget-border': '#e5e5e5',
  'panel-border': '#e5e5e5',
  'editor-background': '#ffffff',
  'editor-foreground': '#3b3b3b',
  'sideBar-background': '#f8f8f8',
  'editorWidget-background': '#f8f8f8',
  'editorHoverWidget-background': '#f8f8f8',
  'editorHoverWidget-border': '#c8c8c8',
  'editor-selectionBackground': '#add6ff',
  'editorWarning-foreground': '#bf8803',
  'textLink-foreground': '#005fb8',
  'toolbar-hoverBackground': '#b8b8b850',
  'list-hoverBackground': '#f2f2f2',
  'list-inactiveSelectionBackground': '#e4e6f1',
  'list-activeSelectionBackground': '#e8e8e8',
  'list-activeSelectionForeground': '#000000',
  'list-focusOutline': '#005fb8',
  'button-background': '#005fb8',
  'button-hoverBackground': '#0258a8',
  'button-border': '#0000001a',
  'button-secondaryBackground': '#e5e5e5',
  'button-secondaryForeground': '#3b3b3b',
  'button-secondaryHoverBackground': '#cccccc',
  'dropdown-background': '#ffffff',
  'dropdown-foreground': '#3b3b3b',
  'dropdown-border': '#cecece',
  'dropdown-listBackground': '#ffffff',
  'input-background': '#ffffff',
  'input-foreground': '#3b3b3b',
  'input-border': '#cecece',
  'input-placeholderForeground': '#767676',
  'inputValidation-errorBackground': '#f2dede',
  'inputValidation-errorBorder': '#be1100',
  'inputValidation-warningBackground': '#f6f5d2',
  'inputValidation-warningBorder': '#b89500',
  'menu-background': '#ffffff',
  'menu-foreground': '#3b3b3b',
  'menu-selectionBackground': '#005fb8',
  'menu-selectionForeground': '#ffffff',
  'menu-border': '#cecece',
  'charts-red': '#e51400',
  'charts-blue': '#0063d3',
  'charts-yellow': '#bf8803',
  'charts-orange': '#d18616',
  'charts-green': '#388a34',
  'charts-purple': '#652d90',
  'charts-foreground': '#3b3b3b',
};

const contrast = (background: string, foreground: string, border: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(background === '#000000' ? dark : light).map(([name, value]) => {
      if (name.startsWith('charts-') || name.startsWith('font') || name.startsWith('editor-font'))
        return [name, value];
      if (/[bB]order|Outline/.test(name)) return [name, border];
      if (/selectionBackground|SelectionBackground|hoverBackground/i.test(name)) {
        return [name, name.startsWith('list') || name.startsWith('toolbar') ? 'transparent' : background];
      }
      if (/[bB]ackground/.test(name)) return [name, background];
      if (/[fF]oreground/.test(name) && name !== 'errorForeground') return [name, foreground];
      return [name, value];
    }),
  );

const themes: Readonly<Record<ThemeName, Readonly<Record<string, string>>>> = {
  dark,
  light,
  'high-contrast': {
    ...contrast('#000000', '#ffffff', '#6fc3df'),
    contrastBorder: '#6fc3df',
    contrastActiveBorder: '#f38518',
    focusBorder: '#f38518',
  },
  'high-contrast-light': {
    ...contrast('#ffffff', '#292929', '#0f4a85'),
    contrastBorder: '#0f4a85',
    contrastActiveBorder: '#006bbd',
    focusBorder: '#006bbd',
  },
};

/** A style sheet with a theme's custom properties on the root. */
export function themeCss(name: ThemeName): string {
  const lines = Object.entries(themes[name]).map(([property, value]) => `--vscode-${property}: ${value};`);
  return `:root { ${lines.join(' ')} }`;
}

export const bodyClass = (name: ThemeName): string => `vscode-${name}`;
