import { symbol, type Dim } from './dim';
export function parseDim(text: string): Dim | undefined {
  return symbol(text);
}
