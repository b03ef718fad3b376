/** The end of a long path, where names differ: `…/h.7/mlp/act/Gelu`. */
export function shortName(name: string, most = 40): string {
  return name.length <= most ? name : `…${name.slice(name.length - most + 1)}`;
}
