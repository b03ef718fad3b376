/**
 * What a stage runs again: nothing; what is cheap (everything but products with weights, as little of it as keeps least:
 * after Korthikanti et al., "Reducing Activation Recomputation in Large Transformer Models", MLSys 2023); every layer
 * from its input.
 */
export const recomputes = ['none', 'selective', 'full'] as const;
export type Recompute = (typeof recomputes)[number];
