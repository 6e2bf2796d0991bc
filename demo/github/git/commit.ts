import { gitText } from "./git.ts";

/** A file as a commit writes it; null deletes it. A gitlink's content is the commit's SHA. */
export type FileChange =
  | string
  | null
  | { content: string; encoding?: "utf8" | "base64"; mode?: "100644" | "100755" | "120000" | "160000" };

export type CommitRequest = {
  branch: string;
  /** The commit to stand on; null begins a history. */
  parent: string | null;
  files: Record<string, FileChange>;
  message: string;
  author: { name: string; email: string };
  at: Date;
};

/** Writes one commit onto a branch, whatever the branch pointed to before; answers its SHA. */
export async function writeCommit(dir: string, request: CommitRequest): Promise<string> {
  const { name, email } = request.author;
  const when = `${Math.floor(request.at.getTime() / 1000)} +0000`;
  const parts: Buffer[] = [];
  const line = (text: string): void => {
    parts.push(Buffer.from(`${text}\n`));
  };
  const data = (bytes: Buffer): void => {
    parts.push(Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from("\n"));
  };
  line(`commit refs/heads/${request.branch}`);
  line("mark :1");
  line(`author ${name} <${email}> ${when}`);
  line(`committer ${name} <${email}> ${when}`);
  data(Buffer.from(request.message));
  if (request.parent !== null) line(`from ${request.parent}`);
  for (const [path, change] of Object.entries(request.files)) {
    const quoted = JSON.stringify(path);
    if (change === null) {
      line(`D ${quoted}`);
      continue;
    }
    const file = typeof change === "string" ? { content: change } : change;
    if (file.mode === "160000") {
      line(`M 160000 ${file.content} ${quoted}`);
      continue;
    }
    line(`M ${file.mode ?? "100644"} inline ${quoted}`);
    data(Buffer.from(file.content, file.encoding ?? "utf8"));
  }
  line("get-mark :1");
  line("done");
  const input = Buffer.concat(parts);
  const out = await gitText(dir, ["fast-import", "--quiet", "--force", "--done"], { input });
  return out.trim();
}
