/** The worker that reads, digests and seals. In: {job, order}. Out: {result} or {error: code}. */
import { digestPiece, sealPart } from './sealing.js';
import { EnvelopeError } from './envelope.js';

self.onmessage = async ({ data: { job, order } }) => {
  try {
    const result = await (job === 'digest' ? digestPiece(order) : sealPart(order));
    self.postMessage({ result }, { transfer: 'sealed' in result ? [result.sealed] : [] });
  } catch (error) {
    self.postMessage({ error: error instanceof EnvelopeError ? error.code : 'worker_failed' });
  }
};
