/** A language in which a listing can speak, as a BCP 47 tag. */
export type Language = 'en' | 'zh';

/** The languages, the one for everybody else first. */
export const languages: readonly Language[] = ['en', 'zh'];

/** What a listing says in one language; plain text. */
export interface Words {
  readonly home: string;
  readonly folder: string;
  readonly foldersAbove: string;
  readonly parent: string;
  readonly table: string;
  readonly empty: string;
  readonly select: string;
  readonly name: string;
  readonly size: string;
  readonly modified: string;
  readonly utc: string;
  readonly view: string;
  readonly list: string;
  readonly grid: string;
  readonly filter: string;
  readonly download: string;
  readonly downloadHint: string;
  readonly tooManyToSort: string;
  /** `2 folders, 6 files`; counts are ready to be read. */
  readonly folders: (count: number, shown: string) => string;
  readonly files: (count: number, shown: string) => string;
  readonly octets: (shown: string) => string;
  /** What stands between the parts of a list. */
  readonly comma: string;
}

/** The words of each language. */
export const wordsOf: Readonly<Record<Language, Words>> = {
  en: {
    home: 'Home',
    folder: 'folder',
    foldersAbove: 'Folders above',
    parent: 'Parent folder',
    table: 'Folders and files',
    empty: 'This folder is empty.',
    select: 'Select',
    name: 'Name',
    size: 'Size',
    modified: 'Modified',
    utc: 'Coordinated Universal Time',
    view: 'View',
    list: 'List',
    grid: 'Grid',
    filter: 'Filter by name',
    download: 'Download',
    downloadHint: 'What is ticked, or the whole folder:',
    tooManyToSort: 'There are too many entries to sort them by that; they are in the order of their names.',
    folders: (count, shown) => `${shown} ${count === 1 ? 'folder' : 'folders'}`,
    files: (count, shown) => `${shown} ${count === 1 ? 'file' : 'files'}`,
    octets: shown => `${shown} bytes`,
    comma: ', ',
  },
  zh: {
    home: '首页',
    folder: '文件夹',
    foldersAbove: '上层文件夹',
    parent: '上一级文件夹',
    table: '文件夹和文件',
    empty: '此文件夹为空。',
    select: '选择',
    name: '名称',
    size: '大小',
    modified: '修改时间',
    utc: '协调世界时',
    view: '视图',
    list: '列表',
    grid: '网格',
    filter: '按名称筛选',
    download: '下载',
    downloadHint: '下载勾选的项目；未勾选时下载整个文件夹：',
    tooManyToSort: '条目太多，无法这样排序；现按名称排列。',
    folders: (_count, shown) => `${shown} 个文件夹`,
    files: (_count, shown) => `${shown} 个文件`,
    octets: shown => `${shown} 字节`,
    comma: '，',
  },
};
