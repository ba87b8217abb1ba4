// The order of the pages, by their files in the repository. A page of docs/ that stands nowhere here comes after `more`.

/** Parts of the sidebar, without the pages that are not there: a name, the pages, and what they are called there where their heading is too long. */
export const parts = [
  {
    name: 'Begin',
    pages: [
      ['docs/README.md', 'What Plinth is'],
      ['docs/getting-started.md', 'Getting started'],
      ['docs/coming-from.md', 'Coming from another server'],
    ],
  },
  {
    name: 'Learn',
    pages: [
      ['docs/how-a-request-travels.md', 'How a request travels'],
      ['docs/how-a-request-travels.zh-CN.md', '一个请求的旅程'],
      ['ARCHITECTURE.md', 'The map of the house'],
      ['decisions/README.md', 'Decisions'],
    ],
  },
  {
    name: 'Use',
    pages: [
      ['docs/commands.md', 'Commands'],
      ['docs/configuration.md', 'Configuration'],
      ['docs/rules.md', 'Rules of a site'],
      ['docs/listings.md', 'Listings'],
      ['docs/development.md', 'Development'],
      ['docs/access.md', 'Who may see what'],
      ['docs/sites.md', 'Folders, a base, hosts'],
      ['docs/https.md', 'HTTPS'],
      ['docs/library.md', 'As a library'],
    ],
    more: true,
  },
  {
    name: 'Look up',
    pages: [
      ['docs/api.md', 'API'],
      ['docs/benchmarks.md', 'Benchmarks'],
      ['CHANGELOG.md', 'Changes'],
      ['CONTRIBUTING.md', 'Contributing'],
      ['SECURITY.md', 'Security'],
    ],
  },
];
