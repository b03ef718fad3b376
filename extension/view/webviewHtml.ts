/** Addresses and permissions of one webview. */
export interface WebviewPage {
  readonly scriptUri: string;
  readonly styleUri: string;
  /** Where the webview may load resources from. */
  readonly cspSource: string;
  /** Fresh for every page: only scripts and style elements that carry it count. */
  readonly nonce: string;
  /** Of the user interface, e.g. "en". */
  readonly language: string;
  readonly title: string;
  /** Translations of the view's texts; undefined where they are shown as they are written, in English. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** The page of the view. Everything visible is built by its script, which draws into #app. */
export function webviewHtml(page: WebviewPage): string {
  const { cspSource, nonce } = page;
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    // The nonce is for the style element with which the control toolkit asks whether :focus-visible is known.
    `style-src ${cspSource} 'nonce-${nonce}'`,
    `img-src ${cspSource} data: blob:`,
    `font-src ${cspSource}`,
  ].join('; ');
  const texts = page.texts ? ` data-texts="${escapeHtml(JSON.stringify(page.texts))}"` : '';
  return `<!DOCTYPE html>
<html lang="${escapeHtml(page.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta property="csp-nonce" content="${nonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${escapeHtml(page.styleUri)}">
<title>${escapeHtml(page.title)}</title>
</head>
<body>
<div id="app"${texts}></div>
<script nonce="${nonce}" src="${escapeHtml(page.scriptUri)}"></script>
</body>
</html>
`;
}

/** 128 random bits. */
export function newNonce(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}
