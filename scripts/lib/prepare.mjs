// node prepare.mjs STAGE: installs, once, what a stage of npm test needs. The stage does the same, and waits for it.
import { pythonWithTorch } from '../../test/pytorch/environment.mjs';
import { setUpCodeServer } from './codeServerSetup.mjs';

const preparations = { pytorch: pythonWithTorch, e2e: setUpCodeServer };

await preparations[process.argv[2]]();
