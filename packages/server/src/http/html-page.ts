const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:3rem auto;padding:0 1rem;color:#222;background:#fafafa}
code,pre{background:#eee;padding:.1em .3em;border-radius:3px;overflow-wrap:anywhere}pre{white-space:pre-wrap}
label{display:block;margin:1rem 0 .2rem}input,textarea{font:inherit;padding:.4rem;width:100%;max-width:30rem;box-sizing:border-box}
button{font:inherit;padding:.2rem .8rem}table{border-collapse:collapse}td,th{text-align:left;padding:.2rem .8rem .2rem 0;vertical-align:top}
[role=alert]{color:#a00;min-height:1.5em}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}code,pre{background:#333}a{color:#8bf}[role=alert]{color:#f88}}`;

/** A page for browsers. @param body HTML; whatever comes from outside is escaped in it */
export const htmlPage = (title: string, body: string): string => `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><link rel="icon" href="/static/favicon.ico"><style>${style}</style></head>
<body>${body}</body></html>
`;

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
