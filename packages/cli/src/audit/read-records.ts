import type { Context } from "../context.ts";

export interface AuditChange {
  readonly ident: string;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

export interface AuditRecord {
  readonly sequence: number;
  readonly time: string;
  readonly user: string | null;
  readonly host: string | null;
  readonly address: string | null;
  readonly method: string;
  readonly type: string;
  readonly changes: readonly AuditChange[];
  readonly hash: string;
}

interface AuditPage {
  readonly records: readonly AuditRecord[];
  readonly next: number | null;
}

/** The records that fit, page by page. */
export async function* readRecords(
  context: Context,
  filter: Readonly<Record<string, string>>,
  { newestFirst, count = 200 }: { readonly newestFirst: boolean; readonly count?: number },
): AsyncGenerator<AuditPage> {
  let after: number | null = null;
  do {
    const page: AuditPage = await context.call<AuditPage>("audit_getRecords", [filter, after, count, newestFirst]);
    yield page;
    after = page.next;
  } while (after !== null);
}
