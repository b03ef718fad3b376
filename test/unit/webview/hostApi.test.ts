import { afterEach, expect, it, vi } from 'vitest';
import { protocolVersion, type ViewToHost } from '../../../planner-core/protocol/messages';

afterEach(() => vi.unstubAllGlobals());

it('asks for the state, with the version of the protocol, as soon as it is there', async () => {
  const sent: ViewToHost[] = [];
  const api = { postMessage: (message: ViewToHost) => void sent.push(message) };
  vi.stubGlobal('acquireVsCodeApi', () => api);
  const { hostApi } = await import('../../../webview/hostApi');
  expect(hostApi).toBe(api);
  expect(sent).toEqual([{ type: 'ready', protocol: protocolVersion }]);
});
