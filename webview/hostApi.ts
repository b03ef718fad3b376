import type { HostApi } from './state/connection';
import { greet } from './state/greet';

/** Provided by VS Code in every webview; may be called once. */
declare function acquireVsCodeApi(): HostApi;

/**
 * The way to the host, which is asked for the state before the rest of the view is even evaluated: it makes and sends its
 * answer meanwhile. That cannot arrive too early, because messages wait until the script has ended.
 */
export const hostApi = acquireVsCodeApi();
greet(hostApi);
