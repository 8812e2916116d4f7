/** From chosen files to a sealed envelope: check the server's plan, give each file its message id, seal the manifest. */
import { FRAME_LENGTH, frameCount, refuse, sealedSize } from './envelope.js';
import { fromBase64, toBase64 } from './bytes.js';
import { newMessageId, sealHeader, sealMessage } from './envelope-seal.js';
import { encodeManifest } from './manifest.js';

/**
 * @param {File} file
 * @param {number} index
 * @param {string} [path] folders
 * @returns {Job}
 */
export function newJob(file, index, path) {
  const [whole, name] = [file.webkitRelativePath ?? '', file.name];
  path ??= whole.endsWith(`/${name}`) ? whole.slice(0, -name.length - 1) : '';
  const job = { index, file, size: file.size, path, done: new Map(), complete: false, sent: 0 };
  return /** @type {Job} */ (job);
}

/**
 * The server proposes; only what the format allows is taken.
 * @param {any} plan answer of POST /api/transfers
 * @param {Job[]} jobs
 */
export function takePlan(plan, jobs) {
  const { transfer, context, files, frame_length: frameLength } = plan;
  const names = Object.keys(context).sort().join();
  let fits = frameLength === FRAME_LENGTH && names === 'clinic,transfer' && context.transfer === transfer;
  fits &&= files.length === jobs.length;
  jobs.forEach((job, n) => {
    const { sealed_size: sealed, frames_per_part: framesPerPart, parts } = fits ? files[n] : {};
    fits &&= sealed === sealedSize(job.size) && Number.isInteger(framesPerPart) && framesPerPart > 0;
    fits &&= framesPerPart <= Math.max(128, frameCount(job.size) / 5000); // a part is held in memory whole
    fits &&= parts === Math.ceil(frameCount(job.size) / framesPerPart);
    Object.assign(job, { framesPerPart, parts });
  });
  if (!fits) refuse('plan');
}

/**
 * Seal the headers and the manifest; each file gets its one message id here.
 * @param {CryptoKey} dataKey
 * @param {any} plan
 * @param {Job[]} jobs
 * @param {string} message
 * @returns {Promise<{manifest: string, headers: string[]}>} the body of PUT …/envelope
 */
export async function sealEnvelope(dataKey, plan, jobs, message) {
  const fields = { context: plan.context, keyArn: plan.key_arn, wrappedKey: fromBase64(plan.wrapped_key) };
  const headers = [];
  const files = [];
  for (const job of jobs) {
    const messageId = newMessageId();
    const { header, frameKey } = await sealHeader(dataKey, { ...fields, messageId });
    Object.assign(job, { messageId, frameKey });
    headers.push(toBase64(header));
    const { path, size, first, file } = job;
    files.push({ name: file.name, path, type: file.type, size, digest: first.digest, message_id: messageId });
  }
  const clear = encodeManifest({ message, files });
  const manifest = await sealMessage(dataKey, { ...fields, messageId: newMessageId() }, clear);
  return { manifest: toBase64(manifest), headers };
}
