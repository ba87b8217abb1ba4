import { baseSheet } from './style.ts';

/** The sheet of listings. It asks nothing of the network. */
export const listingSheet: string = `${baseSheet}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
[hidden]{display:none!important}
.name{unicode-bidi:isolate;white-space:pre-wrap;overflow-wrap:anywhere}
main svg{flex:none;width:1.25rem;height:1.25rem;fill:none;stroke:currentColor;stroke-width:1.4;stroke-linejoin:round;stroke-linecap:round}
header{padding-block:2.5rem 0}
.crumbs ol{list-style:none;display:flex;flex-wrap:wrap;margin:0;padding:0;font-size:.9375rem;row-gap:.125rem}
.crumbs li{display:flex;align-items:baseline;min-width:0;color:var(--soft)}
.crumbs li+li::before{content:"/";content:"/"/"";padding-inline:.5rem;color:var(--line);color:color-mix(in srgb,var(--soft) 55%,transparent)}
.crumbs a{padding-block:.25rem}
h1{margin:.25rem 0 0;font-size:clamp(1.5rem,1.1rem + 2vw,2.125rem);font-weight:650;line-height:1.2;letter-spacing:-.015em;text-wrap:balance}
.counts{margin:.375rem 0 0;color:var(--soft);font-size:.9375rem;font-variant-numeric:tabular-nums}
main>.counts{margin-top:1rem}
.note{margin:1rem 0 0;padding:.625rem 1rem;border-inline-start:3px solid var(--gilt);background:var(--wash);border-radius:6px;font-size:.9375rem}

.tools{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.75rem;margin-block:1.5rem .875rem;min-height:2.5rem}
.filter{position:relative;flex:1 1 14rem;max-width:24rem}
.filter svg{position:absolute;inset-inline-start:.75rem;top:.625rem;color:var(--soft);pointer-events:none}
.filter input{width:100%;height:2.5rem;padding:0 .75rem 0 2.5rem;border:1px solid var(--line);border-radius:10px;background:var(--card);color:inherit;font:inherit;font-size:1rem}
.filter input::placeholder{color:var(--soft);opacity:1}
.shapes{display:flex;margin-inline-start:auto;border:1px solid var(--line);border-radius:10px;background:var(--card)}
.shapes a{display:flex;align-items:center;gap:.5rem;min-height:2.375rem;padding:.25rem .875rem;color:var(--soft);font-size:.9375rem;text-decoration:none;border-radius:9px}
.shapes a[aria-current]{color:var(--accent);background:var(--wash);font-weight:600}
.shapes svg{width:1.125rem;height:1.125rem}

.sheet{background:var(--card);border:1px solid var(--line);border-radius:14px;overflow:clip}
table,thead,tbody{display:block;width:100%}
table{font-variant-numeric:tabular-nums}
tr{display:grid;grid-template-columns:minmax(0,1fr) 7rem 11.5rem;align-items:center;position:relative}
.picks tr{grid-template-columns:2.5rem minmax(0,1fr) 7rem 11.5rem}
th,td{padding:0;font-weight:inherit;text-align:start;min-width:0}
thead{position:sticky;top:0;z-index:2;background:var(--wash);border-bottom:1px solid var(--line);font-size:.8125rem}
thead th{font-weight:600;color:var(--soft)}
thead a{display:inline-flex;align-items:center;gap:.375rem;padding:.625rem 1rem;color:inherit;text-decoration:none}
thead a:hover{color:var(--accent);text-decoration:underline}
thead [aria-sort] a{color:var(--ink)}
thead [aria-sort] a::after{content:"";border:.3rem solid transparent;border-block-end:.4rem solid var(--accent);border-block-start:0}
thead [aria-sort=descending] a::after{border-block-start:.4rem solid var(--accent);border-block-end:0}
.size,.date{white-space:nowrap}
td.size,td.date{padding-inline:1rem;color:var(--soft);font-size:.9375rem}
.size{text-align:end}
tbody tr+tr,tbody+tbody tr{border-top:1px solid var(--line)}
.pick{display:grid;place-items:center;z-index:1}
.pick input{width:1.125rem;height:1.125rem;margin:0;accent-color:var(--accent)}
tbody .pick{align-self:stretch;padding-inline-start:.75rem}
.list tbody tr{align-items:start}
.list tbody .pick{align-items:start;padding-top:.8125rem}
.list td.size,.list td.date{padding-block:.67rem}
thead .pick{padding-inline-start:.75rem}
.picks thead .names a,.picks .go{padding-inline-start:.5rem}
.go{display:flex;align-items:start;gap:.75rem;min-height:2.75rem;padding:.625rem 1rem;text-decoration:none}
.go::after{content:"";position:absolute;inset:0}
.go:hover .name{text-decoration:underline}
.go:focus-visible{outline:none}
.go:focus-visible::after{outline:3px solid var(--gilt);outline-offset:-3px;border-radius:10px}
.go span{min-width:0}
.go svg{margin-top:.125rem;color:var(--soft)}
.go .folder{color:var(--gilt)}
.go .image,.go .video,.go .audio{color:var(--accent)}
.above{position:relative;border-bottom:1px solid var(--line)}
.picks{--start:2.5rem}
.empty{margin:0;padding:3rem 1rem;text-align:center;color:var(--soft)}
tr:has(:checked){background:var(--wash)}
.archives{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem;padding:.75rem 1rem;border-top:1px solid var(--line);background:var(--wash);color:var(--soft);font-size:.9375rem}
.sheet:has(tbody :checked) .archives{position:sticky;bottom:0;z-index:2}
.archives span{flex:1 1 8rem;min-width:0}
button{font:inherit;color:inherit}
.archives button,dialog button,dialog .open{display:inline-flex;align-items:center;gap:.375rem;min-height:2.25rem;padding:.25rem .875rem;border:1px solid var(--line);border-radius:9px;background:var(--card);color:var(--accent);font-size:.9375rem;font-weight:600;cursor:pointer;text-decoration:none}
.archives button:hover,dialog button:hover,dialog .open:hover{border-color:var(--accent)}
.archives button:disabled{color:var(--soft);cursor:not-allowed}
.archives svg{width:1.125rem;height:1.125rem}
@media (hover:hover){tbody tr:hover,.above:hover{background:var(--wash)}}

.grid tbody{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(10.5rem,100%),1fr));gap:.875rem;padding:.875rem}
.grid tbody tr,.grid tbody+tbody tr{display:flex;flex-direction:column;align-items:stretch;border:1px solid var(--line);border-radius:10px;overflow:clip;background:var(--card)}
.grid tbody th{flex:1}
.grid tbody .go{flex-direction:column;gap:.5rem;padding:0 0 .25rem}
.grid tbody .go>svg{box-sizing:content-box;width:3.25rem;height:3.25rem;margin:0;padding:2.5rem calc(50% - 1.625rem);stroke-width:.9;background:var(--wash)}
.grid tbody .go>img{display:block;width:100%;height:8.25rem;object-fit:contain;background:var(--wash);font-size:0}
.grid tbody .go span{padding-inline:.75rem;font-size:.9375rem;line-height:1.35}
.grid td.size,.grid td.date{padding:0 .75rem;font-size:.8125rem;text-align:start}
.grid td.date{padding-bottom:.625rem}
.grid tbody .pick{position:absolute;inset-inline-start:.5rem;top:.5rem;padding:.25rem;border-radius:6px;background:color-mix(in srgb,var(--card) 85%,transparent)}
.grid tr:has(:checked){border-color:var(--accent);box-shadow:0 0 0 1px var(--accent)}
.grid .size:empty{display:none}

.many tbody{content-visibility:auto;contain-intrinsic-size:auto none auto 11250px}

dialog{width:min(72rem,100vw - 2rem);height:min(52rem,100vh - 2rem);height:min(52rem,100dvh - 2rem);max-width:none;max-height:none;padding:0;border:1px solid var(--line);border-radius:14px;background:var(--card);color:inherit;overflow:clip}
dialog[open]{display:flex;flex-direction:column}
dialog::backdrop{background:rgb(8 14 12/.6)}
dialog>header{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem;max-width:none;padding:.75rem 1rem;border-bottom:1px solid var(--line);background:var(--wash)}
dialog h2{flex:1 1 8rem;min-width:0;margin:0;font-size:1rem;font-weight:650;line-height:1.35;overflow-wrap:anywhere}
.shown{flex:1;min-height:0;overflow:auto;display:grid;outline-offset:-3px}
.shown>img,.shown>video{max-width:100%;max-height:100%;width:auto;height:auto;place-self:center;object-fit:contain}
.shown>audio{place-self:center;width:min(32rem,90%)}
.shown>iframe{width:100%;height:100%;border:0}
.shown>p{place-self:center;margin:0;padding:2rem;color:var(--soft);text-align:center}
.shown>pre{margin:0;padding:1rem 1.25rem;font:.875rem/1.6 ui-monospace,"SF Mono","Cascadia Code",Menlo,Consolas,"DejaVu Sans Mono",monospace;tab-size:4;white-space:pre;overflow:visible;width:max-content;min-width:100%}
.prose{width:100%;max-width:46rem;margin-inline:auto;padding:1.5rem 1.25rem 3rem;line-height:1.65;overflow-wrap:anywhere}
.prose :is(h1,h2,h3,h4){line-height:1.25;margin:1.6em 0 .5em;letter-spacing:-.01em}
.prose h1{font-size:1.75rem;margin-top:0}.prose h2{font-size:1.375rem;flex:none}.prose h3{font-size:1.125rem}
.prose img{max-width:100%;height:auto}
.prose pre{padding:.875rem 1rem;border-radius:10px;background:var(--wash);overflow:auto;font-size:.875rem;line-height:1.55}
.prose :not(pre)>code{padding:.1em .35em;border-radius:5px;background:var(--wash);font-size:.9em}
.prose blockquote{margin-inline:0;padding-inline-start:1rem;border-inline-start:3px solid var(--line);color:var(--soft)}
.prose table{display:table;width:auto;border-collapse:collapse}.prose thead{display:table-header-group;position:static;font-size:inherit}.prose tbody{display:table-row-group}
.shown .prose tr{display:table-row;border:0;background:none}
.prose :is(th,td){display:table-cell;padding:.375rem .75rem;border:1px solid var(--line)}
.prose svg{display:none}
:is(.hljs-comment,.hljs-quote){color:var(--soft);font-style:italic}
:is(.hljs-keyword,.hljs-selector-tag,.hljs-literal,.hljs-type,.hljs-built_in){color:#8a3a5c}
:is(.hljs-string,.hljs-regexp,.hljs-addition,.hljs-symbol){color:var(--accent)}
:is(.hljs-number,.hljs-attr,.hljs-attribute,.hljs-meta,.hljs-variable,.hljs-template-variable){color:var(--gilt)}
:is(.hljs-title,.hljs-section,.hljs-name,.hljs-selector-class,.hljs-selector-id){color:#2d5a95}
.hljs-deletion{color:#9b2c2c}
@media (prefers-color-scheme:dark){
:is(.hljs-keyword,.hljs-selector-tag,.hljs-literal,.hljs-type,.hljs-built_in){color:#ec9fc0}
:is(.hljs-title,.hljs-section,.hljs-name,.hljs-selector-class,.hljs-selector-id){color:#93bdf5}
.hljs-deletion{color:#f29b9b}
}

@media screen and (max-width:40rem){
header{padding-top:1.25rem}
.tools{margin-top:1rem}
.shapes span{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.filter{max-width:none}
tr{grid-template-columns:max-content minmax(0,1fr)}
.picks tr{grid-template-columns:2.5rem max-content minmax(0,1fr)}
thead tr,.picks thead tr{display:flex;flex-wrap:wrap}
thead th.size{margin-inline-start:auto}
.picks thead .pick{width:2.5rem}
thead a{padding-inline:.5rem}
.archives{flex-wrap:nowrap;line-height:1.3}
table:not(.picks) .names a{padding-inline-start:1rem}
thead th:last-child a{padding-inline-end:1rem}
thead th:last-child span{display:none}
.list tbody tr{padding-bottom:.625rem}
.list tbody .pick{grid-row:1/3}
.list tbody th{grid-column:-3/-1}
.list tbody .go{min-height:2.25rem;padding-block:.625rem .125rem}
.list td.size,.list td.date{padding:0;text-align:start;font-size:.8125rem}
.list td.size:not(:empty){padding-inline:2.5rem .75rem}
.list td.size:empty{padding-inline-start:2.5rem}
.list table:not(.picks) :is(td.size,td.size:not(:empty)){padding-inline-start:3rem}
.grid tbody{grid-template-columns:repeat(auto-fill,minmax(min(8.5rem,100%),1fr));gap:.625rem;padding:.625rem}
.grid tbody .go>svg{padding-block:1.75rem}
.grid tbody .go>img{height:6.75rem}
dialog h2{flex-basis:100%}
dialog .open{margin-inline-start:auto}
dialog{width:100vw;height:100vh;height:100dvh;border:0;border-radius:0}
}
@media (forced-colors:active){.shapes a[aria-current],.archives button{border:1px solid}thead [aria-sort] a::after{forced-color-adjust:none}}
@media screen and (prefers-reduced-motion:no-preference){tbody tr,.shapes a,.archives button{transition:background-color .12s,border-color .12s}}
@media print{.sheet{border-radius:0;border:0}.tools,.above,.archives,.pick,.note{display:none}thead{position:static}tr{break-inside:avoid}.picks tr{grid-template-columns:minmax(0,1fr) 7rem 11.5rem}.go::after{content:none}.go{min-height:0;padding-block:.25rem}.list td.size,.list td.date{padding-block:.3rem}}
`;
