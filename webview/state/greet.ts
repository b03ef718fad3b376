import { protocolVersion } from '../../planner-core/protocol/messages';
import type { HostApi } from './connection';

/** Asks the host for the whole state. */
export const greet = (api: HostApi): void => api.postMessage({ type: 'ready', protocol: protocolVersion });
