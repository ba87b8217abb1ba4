/** What the script of a listing says in one language. */
export interface ClientWords {
  /** After the filter; all counts are ready to be read. */
  readonly found: (shown: number, all: number) => string;
  readonly selected: (count: number) => string;
  readonly selectAll: string;
  readonly tooMany: string;
  readonly open: string;
  readonly previous: string;
  readonly next: string;
  readonly close: string;
  readonly loading: string;
  readonly failed: string;
  readonly cut: (readable: string) => string;
}

const english: ClientWords = {
  found: (shown, all) => (shown === 0 ? 'Nothing matches.' : `${shown} of ${all} shown`),
  selected: count => `${count} selected:`,
  selectAll: 'Select all that are shown',
  tooMany: 'These are too many for one address: select fewer, or download the whole folder.',
  open: 'Open',
  previous: 'Previous',
  next: 'Next',
  close: 'Close',
  loading: 'Loading …',
  failed: 'This cannot be shown here.',
  cut: readable => `Only the first ${readable} are shown.`,
};

const chinese: ClientWords = {
  found: (shown, all) => (shown === 0 ? '没有匹配的项目。' : `显示 ${shown} 项，共 ${all} 项`),
  selected: count => `已选 ${count} 项：`,
  selectAll: '选择所有显示的项目',
  tooMany: '选中的项目太多，一个地址放不下：请少选一些，或下载整个文件夹。',
  open: '打开',
  previous: '上一个',
  next: '下一个',
  close: '关闭',
  loading: '正在加载……',
  failed: '无法在此显示。',
  cut: readable => `只显示前 ${readable}。`,
};

/** The words of this page's language. */
export const clientWords: ClientWords = document.documentElement.lang.startsWith('zh') ? chinese : english;
