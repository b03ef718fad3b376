import './main.css';
import { startApp } from './app';
import type { HostApi } from './state/connection';

/** Provided by VS Code in every webview; may be called once. */
declare function acquireVsCodeApi(): HostApi;

const root = document.getElementById('app');
if (!root) throw new Error('the page has no #app');
startApp(root, acquireVsCodeApi());
