import type { Endpoint } from 'comlink';
import { HeadroomError } from '../../planner-core/base/errors';

/** What a web worker needs to start a solver: the host reads the files, because workers may not be able to. */
export interface SolverFiles {
  /** Address of dist/solverWorker.web.js, or of a copy of its content. */
  readonly scriptUrl: string;
  /** highs.wasm. A Blob is passed on without copying and read without network. */
  readonly wasm: Blob;
}

/** The message that carries the files, or says why there are none. Calls of the planner go the same way. */
interface SolverFilesMessage {
  readonly headroomSolver: SolverFiles | { readonly error: string };
}

/** Sends the files as soon as they have been read; a planner that needs them before waits. */
export async function sendSolverFiles(
  worker: Pick<Worker, 'postMessage'>,
  files: Promise<SolverFiles>,
): Promise<void> {
  const headroomSolver = await files.catch((thrown: unknown) => ({
    error: thrown instanceof Error ? thrown.message : String(thrown),
  }));
  worker.postMessage({ headroomSolver } satisfies SolverFilesMessage);
}

/** The worker's end. Rejects with 'solver-failed' when the host could not read the files. */
export function receiveSolverFiles(endpoint: Endpoint): Promise<SolverFiles> {
  const received = new Promise<SolverFiles>((resolve, reject) => {
    endpoint.addEventListener('message', (event) => {
      const { data } = event as MessageEvent<Partial<SolverFilesMessage>>;
      const files = data.headroomSolver;
      if (!files) return;
      if ('error' in files) reject(new HeadroomError('solver-failed', files.error));
      else resolve(files);
    });
  });
  // Whoever starts a solver is told.
  received.catch(() => undefined);
  return received;
}
