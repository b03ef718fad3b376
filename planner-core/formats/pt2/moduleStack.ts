/** A module around a call, as nn_module_stack has it. */
export interface StackedModule {
  /** Qualified name as named_modules() gives it; '' for the root. */
  readonly name: string;
  readonly classPath: string;
}

/** Longer names are no module names: no model nests hundreds of modules. */
const longestName = 1024;

/** Stands where PyTorch does not know the module of a call. */
const noModules = '_empty_nn_module_stack_from_metadata_hook';

/**
 * The modules around a call, outermost first, from `key,path,class;key,path,class`. The second call of a module has "@1"
 * behind its name; older releases write paths as Python reaches them, `L['self'].layers[0]`.
 */
export function readModuleStack(text: string): readonly StackedModule[] {
  if (text === '' || text.startsWith(noModules)) return [];
  return text.split(';').flatMap((entry) => {
    const [first, last] = [entry.indexOf(','), entry.lastIndexOf(',')];
    if (first < 0 || last <= first) return [];
    const name = entry
      .slice(first + 1, last)
      .replace(/@\d+/g, '')
      .replace(/^L\['self'\]\.?/, '')
      .replace(/\['?(\w+)'?\]/g, '.$1');
    return name.length > longestName ? [] : [{ name, classPath: entry.slice(last + 1) }];
  });
}
