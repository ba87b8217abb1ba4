import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import type { KeyPath } from './shape.ts';

/** What a text in JSON says, or where it is none. Lines count from 1. */
export type Json =
  | {
      readonly kind: 'json';
      readonly value: unknown;
      /** The line in which a key or an element stands; what is absent has the line of what it is absent from. */
      readonly lineOf: (keys: KeyPath) => number;
    }
  | { readonly kind: 'fault'; readonly line: number; readonly why: string };

/** Reads JSON in which comments and a comma after the last member may stand, as editors allow in configurations. */
export function readJson(text: string): Json {
  const bare = text.replace(/^\ufeff/, '');
  const errors: ParseError[] = [];
  const tree = parseOrGiveUp(bare, errors);
  const [error] = errors;
  if (tree === undefined || error !== undefined) {
    const why = error === undefined ? 'nothing in it, or nested too deeply' : wordsOf(error);
    return { kind: 'fault', line: lineAt(bare, error?.offset ?? 0), why };
  }
  return {
    kind: 'json',
    value: getNodeValue(tree),
    lineOf: keys => lineAt(bare, nearestNode(tree, keys).offset),
  };
}

function parseOrGiveUp(text: string, errors: ParseError[]): Node | undefined {
  try {
    return parseTree(text, errors, { allowTrailingComma: true });
  } catch {
    // The stack is not deep enough for its brackets.
    return undefined;
  }
}

/** `CommaExpected` → `comma expected`. */
function wordsOf({ error }: ParseError): string {
  const words = printParseErrorCode(error).replace(/\B[A-Z]/g, letter => ` ${letter}`);
  return words.toLowerCase();
}

function nearestNode(tree: Node, keys: KeyPath): Node {
  for (let length = keys.length; length > 0; length -= 1) {
    const node = findNodeAtLocation(tree, keys.slice(0, length));
    // A key stands where its property begins, which may be a line above its value.
    if (node !== undefined) return node.parent?.type === 'property' ? node.parent : node;
  }
  return tree;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
