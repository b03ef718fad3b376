import loadHighs, { type Highs, type InitOptions } from 'highs';

/** Emscripten's hook by which a host brings its own module; highs 1.15 declares `wasmModule` but does not read it. */
interface Hooks extends InitOptions {
  instantiateWasm(imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance) => void): object;
}

/** HiGHS from its compiled highs.wasm, so that no place need be known and nothing is compiled twice. */
export function loadCompiledHighs(module: WebAssembly.Module): Promise<Highs> {
  return new Promise((resolve, reject) => {
    const hooks: Hooks = {
      instantiateWasm(imports, receive) {
        WebAssembly.instantiate(module, imports).then(receive, reject);
        return {};
      },
    };
    loadHighs(hooks).then(resolve, reject);
  });
}
