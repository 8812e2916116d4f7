/** Types that several modules speak of. For the checker only: browsers never load this file. */

type Bytes = Uint8Array<ArrayBuffer>;

/** The encryption context: clinic and transfer, opaque ids. */
type Context = { [name: string]: string };

/** What is read of a File. */
type Source = Pick<Blob, 'slice'>;

type ApiPort = Pick<import('./api.js').Api, 'call'>;
type CallOptions = { signal?: AbortSignal; repeatable?: boolean };

/** What a header says of its message. */
interface HeaderFields {
  messageId: Bytes;
  context: Context;
  keyArn: string;
  wrappedKey: Bytes;
}

/** What a header must say; detached: nothing may follow it. */
interface HeaderExpected {
  context: Context;
  messageId?: Bytes;
  detached?: boolean;
}

/** What a file must be when it is open: size and digest of its clear text. */
interface FileExpected {
  frameKey: CryptoKey;
  messageId: Bytes;
  size: number;
  digest: Bytes;
}

interface ManifestFile {
  name: string; // as the sender's computer had it: hostile until safeName saw it
  path: string; // folders, without the name; '' for none
  type: string;
  size: number; // bytes
  digest: Bytes;
  message_id: Bytes;
}
type Manifest = { message: string; files: ManifestFile[] };

/** The first pass over a file: the SHA-256 of each 8 MiB piece, and the digest of the file. */
type Digested = { pieces: Bytes[]; digest: Bytes };
type PieceOrder = { file: Source; size: number; piece: number };
interface PartOrder {
  file: Source;
  size: number; // bytes, as the draft says
  frameKey: CryptoKey;
  messageId: Bytes;
  pieces: Bytes[]; // from the first pass
  part: number; // from 1
  framesPerPart: number;
}
type SealedPart = { sealed: ArrayBuffer; sha256: Bytes };

/** Who digests and seals: workers, or this thread in tests. */
interface Hands {
  digestPiece(order: PieceOrder): Promise<Bytes>;
  sealPart(order: PartOrder): Promise<SealedPart>;
}

/** One file of a sending. */
interface Job {
  index: number;
  file: File;
  size: number; // bytes of clear text
  path: string;
  messageId: Bytes;
  first: Digested;
  frameKey: CryptoKey;
  framesPerPart: number;
  parts: number;
  done: Map<number, { etag: string | null; sha256: string }>; // the parts that are in the bucket
  complete: boolean;
  given?: boolean; // of a sending that goes on: the file was chosen again
  sent: number; // sealed bytes, those on their way included
}

/** Where a part goes, as the API said. */
type Place = { url: string; headers: { [name: string]: string } };
type Watch = { signal: AbortSignal; onprogress: (sentBytes: number) => void };
type Sleep = (milliseconds: number, signal?: AbortSignal) => Promise<void>;
interface PutOptions extends Watch {
  renew: () => Promise<Place>; // a new URL for the same bytes, because S3 said 403
  send?: (place: Place, body: ArrayBuffer, watch: Watch) => Promise<{ status: number; etag: string | null }>; // status 0: no answer
  wait?: Sleep;
}

type Phase = 'ready' | 'preparing' | 'sending' | 'paused' | 'waiting' | 'sealed' | 'refused' | 'failed' | 'cancelling' | 'cancelled' | 'uncancelled';

interface SendingTrouble {
  code: string; // of a Refusal, Offline, BucketError or EnvelopeError; "unexpected" for anything else
  field: string | null;
  status: number | null;
  retryAfter: number | null; // seconds
  reference: string | null;
  file: number | null; // which file, when it is about one
  retry: boolean; // whether retry() may help
  draft: boolean; // whether it is the form that was refused
}

interface SendingState {
  state: Phase;
  transfer: string | null;
  expiresAt: number | null;
  reason: string | null; // of a refusal after landing
  error: SendingTrouble | null;
  progress: {
    preparedBytes: number; // of clear text, in the first pass
    sentBytes: number; // of sealed text, as the rest
    totalBytes: number;
    bytesPerSecond: number;
    secondsLeft: number | null;
    perFile: { sentBytes: number; totalBytes: number }[];
  };
}

/** How a sending begins: anew, or where another left off. */
interface Beginning {
  plan: any; // answer of POST /api/transfers; null before there is one
  jobs: Job[];
  begin(signal: AbortSignal): Promise<void>; // do whatever is not done yet, before the first part
  correct(draft: object): void;
  forget(): void; // the key
}

interface SendingParts {
  api: ApiPort;
  digests: import('./digests.js').Digests;
  beginning?: Beginning; // else a new one, of these four
  files?: File[];
  draft?: object;
  message?: string;
  paths?: string[];
  wait?: Sleep; // replaced in tests, as are the next two
  now?: () => number;
  bucket?: Partial<PutOptions>;
}

/** What the sender is told of one recipient; instants in seconds since 1970. */
interface Followed {
  recipient: string;
  name: string;
  email: string;
  mobile: string | null;
  language: string;
  standby: boolean;
  told_at: number | null;
  delivered_at: number | null;
  delayed_at: number | null;
  bounced_at: number | null;
  complained_at: number | null;
  reminded_at: number | null;
  shared: boolean; // a mailbox of several people, who say who opens it
  asked_at: number | null; // for a code
  phrase_asked_at: number | null;
  phrase: string | null; // what the sender has to tell them by voice
  proved_at: number | null;
  proved_by: string | null; // sms, email or phrase
  names: { name: string; at: number }[]; // who said they opened a shared mailbox
  opened_at: number | null;
  openings: number;
  fetched_files: number; // whose download began
  fetched_at: number | null;
  collected_files: number; // verified whole
  collected_at: number | null;
  corrected_at: number | null;
  revoked_at: number | null;
}

/** What the sender is told of a transfer. */
interface Transfer {
  transfer: string;
  state: string;
  reason: string | null;
  created_at: number;
  expires_at: number;
  lifetime_ends_at: number; // the latest end allowed
  sealed_at: number | null;
  shredded_at: number | null;
  basis: string;
  files: number;
  bytes: number;
  landed: number;
  reminders: boolean; // the clinic reminds by itself
  next_reminder_at: number | null;
  recipients: Followed[];
}

/** Do something to a transfer, look again, say what was done; what goes wrong is told in the form it came from. */
type Act = (work: () => Promise<any>, said?: (answer: any) => string, form?: HTMLElement, done?: () => void) => Promise<void>;

/** What collect() says while it receives. */
type CollectProgress = { receivedBytes: number; totalBytes: number; bytesPerSecond: number; secondsLeft: number | null };

/** What open() gives; names and paths are already safe. Show all of it as text only. */
interface CollectContents {
  transfer: string;
  sender: { name: string };
  sealed_at: number;
  expires_at: number;
  message: string;
  files: { file: number; name: string; path: string; type: string; size: number; collected_at: number | null }[];
}

/** Takes a verified piece; nothing more is read before it is done. */
type Keep = (piece: Bytes) => Promise<void>;

interface OpenMeans {
  url: () => Promise<string>;
  onprogress: (sealedBytes: number) => void; // received, not all verified yet
  keep: Keep;
  signal?: AbortSignal;
}

/** Finds a place for a file, whose name and folders are safe; called at once, while the browser still knows of the click. */
type Save = (name: string, size: number, path: string) => Promise<Saving>;

/** How sealed bytes are read; read, onprogress and wait are replaced in tests. */
interface RangeMeans {
  url: () => Promise<string>; // asked anew when the bucket refuses the one before
  read?: (url: string, start: number, end: number | null) => AsyncIterable<Bytes>;
  onprogress?: (count: number) => void; // sealed bytes, as they come
  wait?: Sleep;
}

/** Where one file goes: closed when all of it is verified, else aborted. */
interface Saving {
  write: Keep;
  close(): Promise<void>;
  abort(): Promise<void>;
  awake?(): void; // called now and then while it is open, also where a hidden page's clocks stand still
}

/** What the service worker knows of a download; heard: its page lives. */
type OpenSaving = { name: string; size: number; files?: Zipped[]; at: number; port: MessagePort; heard(): void; opened?: boolean };

/** One file of a zip: its name with its folders, safe, and no two the same. */
type Zipped = { name: string; size: number };

/** What client-zip.js gives the service worker. */
declare function importScripts(script: string): void;
declare function downloadZip(
  files: AsyncIterable<Zipped & { lastModified: Date; input: AsyncIterable<Bytes> }>, options: { metadata: Zipped[] },
): Response;

/** As much as we use of what the checker's browser types leave out. */
interface Window {
  showSaveFilePicker(options: { suggestedName: string }): Promise<FileSystemFileHandle>;
  showDirectoryPicker(options: { mode: 'readwrite' }): Promise<FileSystemDirectoryHandle>;
}

interface FileSystemFileHandle {
  remove?(): Promise<void>;
}

interface FetchEventLike extends Event {
  request: Request;
  respondWith(response: Response): void;
}

/** Do something to the account, look again, say what was done; tells whether it went well. `run` does it with a fresh proof, and no more. */
interface AccountAct {
  (work: () => Promise<any>, said: (answer: any) => string, form?: HTMLElement): Promise<boolean>;
  run: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Do something about a member, look again, say what was done; `at` begins the ids of the form's fields. */
type MembersAct = (work: () => Promise<any>, said: string, form?: HTMLElement, at?: string) => Promise<boolean>;
