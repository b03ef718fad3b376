/** A release of PyTorch. */
export interface PyTorchVersion {
  readonly major: number;
  readonly minor: number;
}

/** The release that exported a model ("pytorch 1.13.0"); undefined for models that PyTorch did not export. */
export function pytorchVersionOf(producer: string): PyTorchVersion | undefined {
  const match = /^pytorch (\d+)\.(\d+)/.exec(producer);
  return match ? { major: Number(match[1]), minor: Number(match[2]) } : undefined;
}
