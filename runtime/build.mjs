// Makes the vendored scripts under static/vendor/ from the npm packages in package-lock.json.
//
//     npm ci && node build.mjs            write them
//     npm ci && node build.mjs --check    compare them with the committed ones; status 1 if any differs
//
// The same lock file gives the same bytes. A site build does not run this: what it makes is committed.
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { STUBS } from './stubs.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const OUT = join(HERE, '..', 'static', 'vendor');
const PACKAGES = join(HERE, 'node_modules');

// Packages that come inside another one's published file, where the bundler cannot see them.
const INSIDE = { 'd3-delaunay': ['delaunator', 'robust-predicates'] };

const stubs = {
  name: 'stubs',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[a-z]/ }, ({ path }) => (path in STUBS ? { path, namespace: 'stub' } : undefined));
    onLoad({ filter: /.*/, namespace: 'stub' }, ({ path }) => ({ contents: STUBS[path] }));
  },
};

/** One classic script; also the sorted names of the packages that are in it. */
async function bundle(entry, globalName, banner) {
  const result = await build({
    absWorkingDir: HERE,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'iife',
    globalName,
    target: 'es2021',
    charset: 'ascii', // so that the script is right whatever encoding a server claims
    legalComments: 'none', // the licences are in LICENSES.txt
    banner: { js: banner },
    plugins: [stubs],
    logLevel: 'warning',
  });
  const [output] = Object.values(result.metafile.outputs);
  const used = Object.entries(output.inputs)
    .filter(([path, { bytesInOutput }]) => bytesInOutput > 0 && path.startsWith('node_modules/'))
    .map(([path]) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)[1]);
  const packages = [...new Set(used.flatMap((name) => [name, ...(INSIDE[name] ?? [])]))].sort();
  return { bytes: Buffer.from(result.outputFiles[0].contents), packages };
}

/** Name, version, licence and licence text of an installed package. */
async function notice(name) {
  const folder = join(PACKAGES, name);
  const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} ${version} carries no licence file; look its terms up before vendoring it`);
  const text = (await readFile(join(folder, file), 'utf8')).replaceAll('\r\n', '\n').trim();
  return { name, version, license, text };
}

function licences(files, notices) {
  const parts = ['Third-party scripts in this folder', '', 'Made by runtime/build.mjs from the npm packages below; do not edit by hand.', '', 'Files (SHA-256, bytes):'];
  for (const [name, { bytes, packages }] of files) {
    parts.push(`  ${name}  ${createHash('sha256').update(bytes).digest('hex')}  ${bytes.length}`);
    parts.push(`    from: ${packages.map((p) => `${p} ${notices.get(p).version}`).join(', ')}`);
  }
  const byText = new Map(); // many packages share one text
  for (const n of notices.values()) byText.set(n.text, [...(byText.get(n.text) ?? []), n]);
  for (const [text, group] of byText) {
    parts.push('', '-'.repeat(78), ...group.map((n) => `${n.name} ${n.version} (${n.license})`), '', text);
  }
  return Buffer.from(`${parts.join('\n')}\n`);
}

async function make() {
  const vega = await bundle(
    'vega-entry.mjs',
    'WordSpacesVega',
    '/* Vega, in the parts these pages use, with its expression interpreter and tooltips. Licences: LICENSES.txt. */',
  );
  const search = await bundle('search-entry.mjs', 'WordSpacesSearch', '/* MiniSearch. Licence: LICENSES.txt. */');
  const temml = { bytes: await readFile(join(PACKAGES, 'temml', 'dist', 'temml.min.js')), packages: ['temml'] };
  const files = [
    ['vega-runtime.js', vega],
    ['minisearch.js', search],
    ['temml.min.js', temml],
  ];
  const names = [...new Set(files.flatMap(([, { packages }]) => packages))].sort();
  const notices = new Map();
  for (const name of names) notices.set(name, await notice(name));
  return [...files.map(([name, { bytes }]) => [name, bytes]), ['LICENSES.txt', licences(files, notices)]];
}

const check = process.argv.includes('--check');
let differ = 0;
for (const [name, bytes] of await make()) {
  const path = join(OUT, name);
  if (check) {
    const same = bytes.equals(await readFile(path).catch(() => Buffer.alloc(0)));
    if (!same) differ += 1;
    console.log(`${same ? 'same   ' : 'DIFFERS'}  static/vendor/${name}`);
  } else {
    await mkdir(OUT, { recursive: true });
    await writeFile(path, bytes);
    console.log(`static/vendor/${name}: ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} gzipped`);
  }
}
if (differ > 0) {
  console.error('The committed files are not what package-lock.json gives: run `npm ci && node build.mjs` in runtime/ and commit the result.');
  process.exitCode = 1;
}
