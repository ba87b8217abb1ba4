/** What every page of ours has in common, as CSS. Stone, verdigris and a little gilt. */
export const baseSheet = `
:root{color-scheme:light dark;--paper:#f3f4f1;--card:#fff;--ink:#17201e;--soft:#54605c;--line:#d8ddd8;--wash:#e9eeea;--accent:#0a6355;--gilt:#8a5f0c}
@media (prefers-color-scheme:dark){:root{--paper:#0f1514;--card:#151d1b;--ink:#e7ece9;--soft:#9caaa4;--line:#2a3532;--wash:#1c2724;--accent:#74d6c1;--gilt:#e2b65f}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100svh;display:flex;flex-direction:column;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","PingFang SC","Microsoft YaHei",sans-serif}
main,header,footer{width:100%;max-width:64rem;margin-inline:auto;padding-inline:max(1rem,env(safe-area-inset-left))}
a{color:var(--accent);text-underline-offset:.2em;text-decoration-thickness:1px}
a:hover{text-decoration-thickness:2px}
:focus-visible{outline:3px solid var(--gilt);outline-offset:2px;border-radius:4px}
footer{margin-top:auto;padding-block:2rem 1.5rem;color:var(--soft);font-size:.8125rem;display:flex;align-items:center;gap:.5rem}
footer svg{width:1.125rem;height:1.125rem;color:var(--gilt)}
@media print{:root{--paper:#fff;--card:#fff;--ink:#000;--soft:#333;--line:#999;--wash:#fff;--accent:#000;--gilt:#000}footer{display:none}}
`;

/**
 * The sheet of error pages, as it stands between their style tags: an error comes whole in one answer, for there may be
 * no second one. The policy below allows exactly these bytes: a change needs the new digest, which the failing test prints.
 */
export const errorSheet: string = `${baseSheet}.error{justify-content:center}
.error main{display:grid;justify-items:center;text-align:center;padding-block:3rem 2rem;margin-block:auto}
.status{margin:0;font-size:min(9rem,30vw);font-weight:700;line-height:.74;letter-spacing:-.04em;font-variant-numeric:lining-nums}
.stone{width:min(26rem,86vw);height:auto;margin-top:.5rem;color:var(--accent)}
h1{margin:2rem 0 0;font-size:clamp(1.5rem,1.1rem + 2vw,2.125rem);font-weight:650;line-height:1.2;letter-spacing:-.015em;text-wrap:balance}
.why{max-width:34rem;margin:.625rem 0 0;color:var(--soft);font-size:1.0625rem;text-wrap:pretty}
.home{margin-top:1.75rem;display:inline-flex;align-items:center;min-height:2.75rem;padding:.5rem 1.375rem;border-radius:999px;background:var(--accent);color:var(--card);font-weight:600;text-decoration:none}
.home:hover{text-decoration:underline}
.error footer{margin-top:0;justify-content:center}
@media (forced-colors:active){.home{border:1px solid}}
@media print{.home{display:none}}
`;

/**
 * The Content-Security-Policy of error pages: no script, no frame, no form, only the one sheet above; images of the site
 * itself, so that its icon shows. CSP Level 3 §8.3.
 */
export const errorPolicy: string =
  "default-src 'none'; style-src 'sha256-cKfmVp4FgfV6UGNeV8y0Dx6bukFtlLZukGUy1Scg/4M='; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * The Content-Security-Policy of listings: nothing inline, nothing from another host, and no string becomes markup or
 * script except through the two policies of our own scripts (Trusted Types, W3C §4). Previews fetch files, play them and
 * show PDF in a frame.
 */
export const listingPolicy: string =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; frame-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types dompurify";
