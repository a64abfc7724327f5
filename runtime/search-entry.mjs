// The search of the site: MiniSearch, a full-text index in memory that forgives typing errors and finds words by their beginnings.
export { default as MiniSearch } from 'minisearch';
