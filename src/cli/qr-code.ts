import { encode } from 'uqr';

/**
 * An address as a QR code in half blocks, to be scanned from a terminal of this many columns; undefined where it does not
 * fit. Black on white by numbers that no theme redefines, within the margin that ISO 18004 asks for.
 */
export function qrCode(address: string, columns: number): string | undefined {
  const { data, size } = encode(address, { border: quietModules });
  if (size > columns) return undefined;
  const isDark = (row: number, column: number): boolean => data[row]?.[column] === true;
  const lines: string[] = [];
  for (let row = 0; row < size; row += 2) {
    const blocks = Array.from(
      { length: size },
      (_, column) => halves[(isDark(row, column) ? 2 : 0) + (isDark(row + 1, column) ? 1 : 0)],
    );
    lines.push(`\x1b[38;5;16;48;5;231m${blocks.join('')}\x1b[0m\n`);
  }
  return lines.join('');
}

const quietModules = 4;
/** By whether the upper half is dark, and the lower. */
const halves = [' ', '▄', '▀', '█'];
