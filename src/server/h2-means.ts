import { ResponseHead, type SerializedHead } from '../h1/serialize.ts';
import type { H2Sharing } from '../h2/connection.ts';
import { HeadBlock, Vocabulary } from '../h2/head-block.ts';
import { Chunks } from '../h2/output.ts';
import type { Response } from '../http/message.ts';
import type { Repeat } from './recall.ts';
import type { Service } from './service.ts';

/** What the HTTP/2 connections of a server share. */
export class H2Means {
  readonly service: Service;
  readonly sharing: H2Sharing;
  /** Kept with the answers that are in memory. */
  readonly #heads = new WeakMap<SerializedHead, HeadBlock>();

  /** `scheme`: of the URIs that are answered for. */
  constructor(service: Service, scheme: H2Sharing['scheme']) {
    this.service = service;
    this.sharing = {
      limits: service.limits,
      scheme,
      vocabulary: new Vocabulary(),
      chunks: new Chunks(),
      tellsEveryEnd: service.observers.length > 0,
    };
  }

  /** The head of an answer that is given again with this content; undefined when a feature has broken it. */
  repeatedHead(answer: Repeat, bytes: Uint8Array): HeadBlock | undefined {
    const { head } = answer;
    const known = head instanceof ResponseHead ? this.#heads.get(head) : undefined;
    if (known !== undefined) return known;
    try {
      // Of rare answers there are very many, and little is kept of each.
      if (!(head instanceof ResponseHead))
        return this.head({ ...answer.response, content: { kind: 'bytes', bytes } });
      const block = this.head(answer.response);
      this.#heads.set(head, block);
      return block;
    } catch {
      // Made anew, it is answered and reported as any other that cannot be written.
      return undefined;
    }
  }

  /** The head of a response. Throws as `HeadBlock` does. */
  head(response: Response): HeadBlock {
    return new HeadBlock(response, this.sharing.vocabulary);
  }
}
